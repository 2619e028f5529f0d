"""Which URLs are Systems Manager: moto's patterns, the lab's answers."""

from moto.ssm.urls import url_bases

from .responses import LabSsmResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": LabSsmResponse.dispatch}
