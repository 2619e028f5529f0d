"""CloudTrail's endpoints. moto looks for this module beside the backend's."""

from .responses import LabCloudTrailResponse

url_bases = [r"https?://cloudtrail\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/$": LabCloudTrailResponse.dispatch}
