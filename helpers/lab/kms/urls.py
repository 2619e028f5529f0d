"""Where KMS is reached: the regional endpoints, FIPS and dual-stack included.

moto looks for this module beside the backend's and reads ``url_bases`` and ``url_paths``.
"""

from .responses import LabKmsResponse

url_bases = [
    r"https?://kms\.(.+)\.amazonaws\.com",
    r"https?://kms-fips\.(.+)\.amazonaws\.com",
    r"https?://kms(?:-fips)?\.(.+)\.api\.aws",
    r"https?://kms(?:-fips)?\.(.+)\.api\.amazonwebservices\.com\.cn",
]

url_paths = {"{0}/$": LabKmsResponse.dispatch}
