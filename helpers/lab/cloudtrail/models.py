"""moto's CloudTrail, under a name whose ``urls`` are the lab's."""

from moto.cloudtrail.models import CloudTrailBackend


class LabCloudTrailBackend(CloudTrailBackend):
    """Trails are moto's. The event history is in ``helpers.lab.audit``."""
