package fn

import (
	"strings"
	"testing"

	"tidemark/table"
)

func TestEncode(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"base64_encode_tostring", "Kusto", "S3VzdG8="}, {"base64_encodestring", "", ""}, {"base64_decode_tostring", "S3VzdG8=", "Kusto"}, {"base64_decode_tostring", "U3RyaW5n0KHR0tGA0L7Rh9C60LA=", ""}, {"base64_decodestring", "!", ""}, {"base64_decode_tostring", " S3Vz\ndG8= ", "Kusto"},
		{"base64_decode_toarray", "S3VzdG8=", "[75,117,115,116,111]"}, {"base64_decode_toarray", "U3RyaW5n0KHR0tGA0L7Rh9C60LA", "null"}, {"base64_decode_toarray", "", "[]"},
		{"base64_decode_toguid", "8jMxriJurkmwahbmqbIS6w==", "ae3133f2-6e22-49ae-b06a-16e6a9b212eb"}, {"base64_decode_toguid", "abcd1231", "null"},
		{"url_encode", "https://www.bing.com/hello world", "https%3a%2f%2fwww.bing.com%2fhello+world"}, {"url_encode_component", "https://www.bing.com/hello world/", "https%3a%2f%2fwww.bing.com%2fhello%20world%2f"}, {"url_encode", "é~'", "%c3%a9%7e%27"},
		{"url_decode", "https%3a%2f%2fwww.bing.com%2f", "https://www.bing.com/"}, {"url_decode", "https%3A%2F%2Fexample.com%3Fa%3Db", "https://example.com?a=b"}, {"url_decode", "100% a+b%zz%4", "100% a b%zz%4"}, {"url_decode", "%ff", "\ufffd"},
		{"gzip_compress_to_base64_string", "1234567890qwertyuiop", "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA=="}, {"gzip_decompress_from_base64_string", "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==", "1234567890qwertyuiop"}, {"gzip_decompress_from_base64_string", "x0x0x0", ""},
		{"zlib_compress_to_base64_string", "1234567890qwertyuiop", "eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw=="}, {"zlib_decompress_from_base64_string", "eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=", "Test string 123"}, {"zlib_decompress_from_base64_string", "x0x0x0", ""},
		{"punycode_from_string", "académie-française", "acadmie-franaise-npb1a"}, {"punycode_from_string", "艺术", "cqv902d"}, {"punycode_from_string", "abc", "abc-"}, {"punycode_from_string", "", ""}, {"punycode_to_string", "acadmie-franaise-npb1a", "académie-française"}, {"punycode_to_string", "cqv902d", "艺术"}, {"punycode_to_string", "é", ""}, {"punycode_to_string", "a-!", ""}, {"punycode_to_string", "99999999", ""},
		{"punycode_domain_from_string", "xn--Ge-mia.Bulg.edu", "Gáe.Bulg.edu"}, {"punycode_domain_from_string", "xn--Lin-8na.Celtchair.org", "Lúin.Celtchair.org"}, {"punycode_domain_from_string", "xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com", "Rúyì.Jīngū.Bàng.com"},
		{"punycode_domain_to_string", "Lê Lợi。Thuận Thiên。com", "xn--L Li-gpa4517b.xn--Thun Thin-s4a7194f.com"}, {"punycode_domain_to_string", "Riðill｡Skáldskaparmál｡org", "xn--Riill-jta.xn--Skldskaparml-dbbj.org"}, {"punycode_domain_to_string", "Kaledvoulc'h.Artorījos.edu", "Kaledvoulc'h.xn--Artorjos-ejb.edu"},
	} {
		check(t, c.want, c.name, str(c.in))
	}
	check(t, "S3VzdG8=", "base64_encode_fromarray", dynv("[75,117,115,116,111]"))
	check(t, "", "base64_encode_fromarray", dynv("[256]"))
	check(t, "", "base64_encode_fromarray", value{table.Dynamic, nil})
	check(t, "8jMxriJurkmwahbmqbIS6w==", "base64_encode_fromguid", value{table.Guid, "ae3133f2-6e22-49ae-b06a-16e6a9b212eb"})
}

func TestCompressRoundTrip(t *testing.T) {
	for _, s := range []string{"", "a", strings.Repeat("Kusto é ", 20000), strings.Repeat("x", 1<<17)} {
		for _, kind := range []string{"gzip", "zlib"} {
			pack, _ := Lookup(kind + "_compress_to_base64_string")
			packed, _ := call(t, pack, str(s))
			if len(packed.(string)) > 100+len(s)*4/3 {
				t.Errorf("%s: %d bytes became %d", kind, len(s), len(packed.(string)))
			}
			check(t, s, kind+"_decompress_from_base64_string", str(packed.(string)))
		}
	}
}

func FuzzPunycode(f *testing.F) {
	f.Add("académie")
	f.Fuzz(func(t *testing.T, s string) {
		punyDecode(s)
		p, ok := punyEncode(s)
		if !ok {
			return
		}
		if back, ok := punyDecode(p); !ok || back != s {
			t.Fatalf("%q became %q, which became %q", s, p, back)
		}
	})
}

func TestHash(t *testing.T) {
	for _, name := range []string{"hash", "hash_xxhash64"} {
		check(t, "1846988464401551951", name, str("World"))
		check(t, "51", name, str("World"), long(100))
		check(t, "1380966698541616202", name, value{table.Datetime, int64(635556672000000000)})
		check(t, "null", name, value{table.Long, nil})
		check(t, "null", name, str("World"), long(0))
		check(t, "-1205034819632174695", name, value{table.String, nil})
	}
	y2020 := value{table.Datetime, int64(637134336000000000)}
	check(t, "f5a7924e621e84c9280a9a27e1bcb7f6", "hash_md5", str("World"))
	check(t, "786c530672d1f8db31fee25ea8a9390b", "hash_md5", y2020)
	check(t, "70c07ec18ef89c5309bbb0937f3a6342411e1fdd", "hash_sha1", str("World"))
	check(t, "e903e533f4d636b4fc0dcf3cf81e7b7f330de776", "hash_sha1", y2020)
	check(t, "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524", "hash_sha256", str("World"))
	check(t, "ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d", "hash_sha256", y2020)
	many, _ := Lookup("hash_many")
	a, _ := call(t, many, str("Hello"), str("World"))
	b, _ := call(t, many, str("World"), str("Hello"))
	if a == b {
		t.Error("the order does not count")
	}
	both, _ := Lookup("hash_combine")
	if c, _ := call(t, both, long(753694413698530628), long(1846988464401551951)); c != a {
		t.Errorf("hash_many gives %v, hash_combine %v", a, c)
	}
}
