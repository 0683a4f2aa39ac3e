"""The doctor: what is wrong with a training run, with evidence in numbers and a remedy to try."""

from nn.doctor.diagnose import PROBLEMS, diagnose
from nn.doctor.findings import Diagnosis, Problem, Remedy, Report, Retrial

__all__ = ["PROBLEMS", "Diagnosis", "Problem", "Remedy", "Report", "Retrial", "diagnose"]
