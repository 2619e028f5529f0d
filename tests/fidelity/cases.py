"""All cases of the fidelity ledger, in the order in which it shows them."""

from . import access, encryption, keys, materials, objects, secrets, signing
from .case import Section

SECTIONS: list[Section] = [
    keys.states,
    keys.deletion,
    keys.identifiers,
    encryption.encryption,
    encryption.data_keys,
    signing.signatures,
    signing.macs,
    signing.agreement,
    signing.quantum,
    materials.importing,
    materials.rotation,
    materials.multi_region,
    access.policies,
    access.grants,
    access.managed,
    access.audit,
    objects.sse,
    objects.gates,
    secrets.secrets,
    secrets.parameters,
    materials.usage,
    keys.tags,
    encryption.requests,
]
CASES = [case for section in SECTIONS for case in section.cases]
