"""Which URLs are S3: moto's patterns, the lab's answers."""

from moto.s3.urls import url_bases

from .responses import LabS3Response

__all__ = ["url_bases", "url_paths"]

url_paths = {
    "{0}/$": LabS3Response.bucket_dispatch,
    "{0}/(?P<key_or_bucket_name>[^/]+)$": LabS3Response.ambiguous_dispatch,
    "{0}/(?P<key_or_bucket_name>[^/]+)/$": LabS3Response.ambiguous_dispatch,
    "{0}/(?P<bucket_name_path>[^/]+)/(?P<key_name>.+)": LabS3Response.key_dispatch,
    "{0}/(?P<key_name>/.*)$": LabS3Response.key_dispatch,
}
