"""The bundled scenario: six weeks of invented news, served on loopback and replayed at speed."""
