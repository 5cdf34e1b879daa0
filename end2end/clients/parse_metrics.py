"""Reads metrics as Prometheus does, with its own library, strictly (OpenMetrics 1.0). In: the text; out: what each sample says."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

samples = []
for family in text_string_to_metric_families(sys.stdin.read()):
    if not family.documentation:
        raise SystemExit(f"{family.name} has no help text")
    samples += [[sample.name, sample.labels, sample.value] for sample in family.samples]
print(json.dumps(samples))
