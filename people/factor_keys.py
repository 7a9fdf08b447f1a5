"""Keys of authenticator apps and recovery codes, sealed anew when another of `ENCRYPTION_KEYS` comes first."""

from allauth.mfa.models import Authenticator

from people import keys

SEALED = ("secret", "seed")


def _old() -> list[Authenticator]:
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    return [
        one
        for one in Authenticator.objects.filter(type__in=kinds).order_by("pk").iterator()
        if any(name in one.data and not keys.is_sealed_with_first(one.data[name].encode()) for name in SEALED)
    ]


def outdated() -> int:
    """How many are not sealed with the first key."""
    return len(_old())


def seal_anew() -> int:
    """Seal them with it, each only where it is still what was read. Returns how many; raises `keys.Unreadable`."""
    done = 0
    for one in _old():
        new = {k: keys.seal(keys.unseal(v)) if k in SEALED else v for k, v in one.data.items()}
        done += Authenticator.objects.filter(pk=one.pk, data=one.data).update(data=new)
    return done
