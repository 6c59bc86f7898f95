"""A Dask scheduler that nobody but this process and its workers can talk to.

Whoever reaches a Dask scheduler can have it run anything, and any user of a machine reaches its
127.0.0.1. So ends of a connection have to show a certificate that is made for one cluster and is
in the memory of its processes alone.
"""

import datetime
from dataclasses import dataclass
from typing import Any

NAME = "snnlab-internal"
BEFORE = datetime.timedelta(days=2)
AFTER = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Private:
    """Where a scheduler is, and what lets one in.

    Attributes
    ----------
    address : str
    security : distributed.security.Security
    """

    address: str
    security: Any

    def __str__(self) -> str:
        return self.address


def security():
    """Make a key and a certificate for all ends of one cluster's connections.

    They are as those of `distributed.security.Security.temporary`, but for the day from which
    they are valid: that is some days ago, or a worker that starts after the clock was set back
    would be refused until its time has come again.

    Returns
    -------
    distributed.security.Security
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID
    from distributed.security import Security

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + AFTER)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    shown = certificate.public_bytes(serialization.Encoding.PEM).decode()
    ends = {
        f"tls_{end}_{part}": value
        for end in ("client", "scheduler", "worker")
        for part, value in (("key", secret), ("cert", shown))
    }
    return Security(require_encryption=True, tls_ca_file=shown, **ends)
