"""CloudTrail as a moto service package: moto's trails, and the event history that moto lacks."""
