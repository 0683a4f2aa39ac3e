"""The doctor: what ails a run of training, in plain words, with evidence in numbers and a remedy to
try.
"""

from nn.doctor.diagnose import diagnose
from nn.doctor.illnesses import ILLNESSES
from nn.doctor.remedies import Remedy
from nn.doctor.report import Diagnosis, Report, Retrial
from nn.doctor.sign import Illness

__all__ = ["ILLNESSES", "Diagnosis", "Illness", "Remedy", "Report", "Retrial", "diagnose"]
