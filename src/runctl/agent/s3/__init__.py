"""S3 with nothing but the standard library, because nothing else can be counted on where the agent runs.

`client.S3` sends requests; `transfer` moves folders with it. `signing` and `credentials` make the signature, `wire` and
`dialing` are HTTP/1.1 over a socket, `retrying` decides what is tried again.
"""
