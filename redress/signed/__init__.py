"""What was signed off: the records, what has become different since, and why.

Read only. The act of signing is `attest.signing`; what a signed report publishes is `protect.as_signed`.
"""
