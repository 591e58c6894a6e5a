"""Signing in at an OpenID Connect issuer: authorisation code with PKCE, on the standard library."""
