package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
)

// digestBytes are the lengths of digests: MD5, SHA-1, TIGER192, SHA-224,
// SHA-256, SHA-384, SHA-512.
var digestBytes = [...]bool{16: true, 20: true, 24: true, 28: true, 32: true, 48: true, 64: true}

func isDigest(n int) bool { return n < len(digestBytes) && digestBytes[n] }

// appendChecksum appends a checksum in the form in which all agents' checksums
// compare: lower-case hexadecimal. Only what is hexadecimal or base64 of a
// digest's length is changed, base64 only if it is padded; agents also send times, sizes and free text.
func appendChecksum(b, text []byte) []byte {
	if h, ok := providerHash(text); ok {
		text = h
	}
	if len(text)%2 == 0 && isDigest(len(text)/2) && isHex(text) {
		for _, c := range text {
			b = append(b, lowerHex[c])
		}
		return b
	}
	if len(text) >= 24 && len(text) <= 88 && len(text)%4 == 0 && text[len(text)-1] == '=' {
		var raw [66]byte
		if n, err := base64.StdEncoding.Strict().Decode(raw[:], text); err == nil && isDigest(n) {
			return hex.AppendEncode(b, raw[:n])
		}
	}
	return append(b, text...)
}

// lowerHex maps hexadecimal digits to lower case, all else to 0.
var lowerHex = func() (t [256]byte) {
	for _, c := range []byte("0123456789abcdef") {
		t[c] = c
	}
	for _, c := range []byte("ABCDEF") {
		t[c] = c + 'a' - 'A'
	}
	return t
}()

func isHex(text []byte) bool {
	for _, c := range text {
		if lowerHex[c] == 0 {
			return false
		}
	}
	return true
}

// providerHash finds the digest in the text that the old Linux provider sends:
// @{{Algoritm=MD5 Hash=0123… Path=/etc/x}}.
func providerHash(text []byte) ([]byte, bool) {
	if !bytes.HasPrefix(text, []byte("@{")) {
		return nil, false
	}
	_, rest, ok := bytes.Cut(text, []byte("Hash="))
	if !ok {
		return nil, false
	}
	h, _, _ := bytes.Cut(rest, []byte(" "))
	h = bytes.TrimRight(h, "}")
	return h, len(h)%2 == 0 && isDigest(len(h)/2) && isHex(h)
}
