"""What training does on arrays while a recording runs; NumPy is needed here, and nowhere else."""
