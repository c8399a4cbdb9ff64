package fn

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"tidemark/internal/dyn"
)

// encodeFn registers a function of one argument that writes or reads a coding.
func encodeFn(s Scalar, o Overload) {
	s.Family, s.Overloads = "encoding", []Overload{o}
	register(s)
}

func init() {
	encodeFn(Scalar{Name: "base64_encode_tostring", Aliases: []string{"base64_encodestring"}, Doc: "Encodes a string in base64.",
		Examples: []Example{{`print base64_encode_tostring("Kusto")`, "S3VzdG8="}}},
		Of1(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }))
	encodeFn(Scalar{Name: "base64_decode_tostring", Aliases: []string{"base64_decodestring"}, Doc: "Decodes a string from base64; empty where that is not UTF-8.",
		Examples: []Example{{`print base64_decode_tostring("S3VzdG8=")`, "Kusto"}}},
		Try1(func(s string) (string, bool) {
			b, ok := fromBase64(s)
			return string(b), ok && utf8.Valid(b)
		}))
	encodeFn(Scalar{Name: "base64_decode_toarray", Doc: "Decodes base64 to an array of the bytes.",
		Examples: []Example{{`print base64_decode_toarray("S3VzdG8=")`, "[75,117,115,116,111]"}}},
		Try1(func(s string) (Dyn, bool) {
			b, ok := fromBase64(s)
			return byteArray(b), ok
		}))
	encodeFn(Scalar{Name: "base64_encode_fromarray", Doc: "Encodes an array of bytes in base64.",
		Examples: []Example{{`print base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))`, "S3VzdG8="}}},
		Try1(func(d Dyn) (string, bool) {
			b, ok := arrayBytes(string(d))
			return base64.StdEncoding.EncodeToString(b), ok
		}))
	encodeFn(Scalar{Name: "base64_encode_fromguid", Doc: "Encodes the bytes of a guid in base64.",
		Examples: []Example{{`print base64_encode_fromguid(toguid("ae3133f2-6e22-49ae-b06a-16e6a9b212eb"))`, "8jMxriJurkmwahbmqbIS6w=="}}},
		Try1(func(g Guid) (string, bool) {
			b, ok := guidBytes(string(g))
			return base64.StdEncoding.EncodeToString(b), ok
		}))
	encodeFn(Scalar{Name: "base64_decode_toguid", Doc: "Decodes a guid from base64.",
		Examples: []Example{{`print base64_decode_toguid("8jMxriJurkmwahbmqbIS6w==")`, "ae3133f2-6e22-49ae-b06a-16e6a9b212eb"}}},
		Try1(func(s string) (Guid, bool) {
			b, ok := fromBase64(s)
			if !ok || len(b) != 16 {
				return "", false
			}
			return bytesGuid(b), true
		}))
	encodeFn(Scalar{Name: "url_encode", Doc: "Encodes a string for use in a URL, a blank as plus sign.",
		Examples: []Example{{`print url_encode("https://www.bing.com/hello world")`, "https%3a%2f%2fwww.bing.com%2fhello+world"}}},
		Of1(func(s string) string { return urlEncode(s, "+") }))
	encodeFn(Scalar{Name: "url_encode_component", Doc: "Encodes a string for use in a URL, a blank as %20.",
		Examples: []Example{{`print url_encode_component("hello world/")`, "hello%20world%2f"}}},
		Of1(func(s string) string { return urlEncode(s, "%20") }))
	encodeFn(Scalar{Name: "url_decode", Doc: "Decodes a string that was encoded for a URL.",
		Examples: []Example{{`print url_decode("https%3a%2f%2fwww.bing.com%2f")`, "https://www.bing.com/"}}},
		Of1(urlDecode))
}

// fromBase64 takes blanks and line breaks between, as .NET does, and padding
// only where it belongs.
func fromBase64(s string) ([]byte, bool) {
	if strings.ContainsAny(s, " \t\r\n") {
		s = strings.Join(strings.Fields(s), "")
	}
	b, err := base64.StdEncoding.DecodeString(s)
	return b, err == nil
}

func byteArray(b []byte) Dyn {
	out := []byte{'['}
	for i, c := range b {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendUint(out, uint64(c), 10)
	}
	return Dyn(append(out, ']'))
}

// arrayBytes reads a dynamic array of numbers from 0 to 255.
func arrayBytes(d string) ([]byte, bool) {
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(d)
	if err != nil || v.Type() != dyn.Array {
		return nil, false
	}
	var out []byte
	for _, e := range v.GetArray() {
		n, err := e.Int()
		if err != nil || n < 0 || n > 255 {
			return nil, false
		}
		out = append(out, byte(n))
	}
	return out, true
}

// guidOrder is where .NET puts the bytes of a guid's text: the first three
// groups come as little-endian numbers.
var guidOrder = [16]int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}

func guidBytes(g string) ([]byte, bool) {
	digits := strings.ReplaceAll(g, "-", "")
	if len(digits) != 32 {
		return nil, false
	}
	out := make([]byte, 16)
	for i := range out {
		v, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		if err != nil {
			return nil, false
		}
		out[guidOrder[i]] = byte(v)
	}
	return out, true
}

func bytesGuid(b []byte) Guid {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 36)
	for i, at := range guidOrder {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[b[at]>>4], digits[b[at]&15])
	}
	return Guid(out)
}

// urlEncode escapes all but letters, digits and what .NET leaves as it is.
func urlEncode(s, blank string) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, len(s)+16)
	for i := range len(s) {
		switch c := s[i]; {
		case alnum[c] || strings.IndexByte("-_.!*()", c) >= 0:
			b = append(b, c)
		case c == ' ':
			b = append(b, blank...)
		default:
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

// urlDecode leaves alone what is no valid escape.
func urlDecode(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			b = append(b, ' ')
		case c == '%' && i+2 < len(s) && isHex(s[i+1:i+3]):
			v, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(v))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}
