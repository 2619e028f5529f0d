"""AWS KMS as a moto service package: what AWS answers, not what moto answers.

``models`` holds keys and aliases, ``responses`` speaks the wire format, ``urls`` names the
endpoints. The other modules are the operations of the API, one function each, and what they share.
"""
