/// A certificate for localhost and 127.0.0.1 that signs itself, until 2126, and its key. It serves nobody but these tests:
///
///     openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out certificate.pem \
///       -days 36500 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1
enum TestCertificate {
  static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBmzCCAUGgAwIBAgIUX0A3UTntKA1kw+mQ23KoE33FolcwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA5MDMyMFoYDzIxMjYxMDMw
    MDkwMzIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAATs0pKvg43qw7ZdZInGWIU7T/ZLTjI3L7n/jJ3ORN2iEctWQNykUap4
    w3W+4ryU0QhAseT4mbA2jCmEYSZU0WgNo28wbTAdBgNVHQ4EFgQUeCXjRW2rtsVk
    YdaBsXSvODrq3oswHwYDVR0jBBgwFoAUeCXjRW2rtsVkYdaBsXSvODrq3oswDwYD
    VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
    zj0EAwIDSAAwRQIhAPfqBsjHsk5eLuOZQUQ+mIlre11iwM8DE3LJ1ZYaSlfbAiB2
    8Sd1Q8vr+BfXM9F18f8F2PZNLe9Iaxa0HNlvn0k2Cw==
    -----END CERTIFICATE-----

    """

  static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWNjcPPsnQSKCnBKR
    SdHxYjE6NtapU4om2Jw9cjT89ZWhRANCAATs0pKvg43qw7ZdZInGWIU7T/ZLTjI3
    L7n/jJ3ORN2iEctWQNykUap4w3W+4ryU0QhAseT4mbA2jCmEYSZU0WgN
    -----END PRIVATE KEY-----

    """

  /// A certificate of another key.
  static let other = """
    -----BEGIN CERTIFICATE-----
    MIIBijCCAS+gAwIBAgIUXoyn8um2VlQYda42d5AD1/ZwUSwwCgYIKoZIzj0EAwIw
    EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTIzMDkwMzIwWhgPMjEyNjEwMzAwOTAz
    MjBaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
    dsvC9FY6m5OWlcb4AvCrXjqsSLROl0VL5GTOEcweCkCYwOCRT3noEMu66oyOsfX1
    hk2Xg/0GzYIvK9FVZzJhDaNlMGMwHQYDVR0OBBYEFLBbUNkND4BKD508k8abPSM9
    wJ2HMB8GA1UdIwQYMBaAFLBbUNkND4BKD508k8abPSM9wJ2HMA8GA1UdEwEB/wQF
    MAMBAf8wEAYDVR0RBAkwB4IFb3RoZXIwCgYIKoZIzj0EAwIDSQAwRgIhAJk2MJgJ
    i4bVbX2xvOsgrXIy9maJYjjK+T8KgYN6J0VmAiEAratDx53zs4+G4KciSU114TH+
    Mj7HovymGzKjvYt9N+Q=
    -----END CERTIFICATE-----

    """
}
