"""Which URLs are Secrets Manager: moto's patterns, the lab's answers."""

from moto.secretsmanager.urls import url_bases

from .responses import LabSecretsManagerResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": LabSecretsManagerResponse.dispatch}
