package fn

import (
	"math"
	"strings"
	"unicode/utf8"
)

func init() {
	encodeFn(Scalar{Name: "punycode_from_string", Doc: "Encodes a string in Punycode, without xn-- in front.",
		Examples: []Example{{`print punycode_from_string("académie-française")`, "acadmie-franaise-npb1a"}}}, Try1(punyEncode))
	encodeFn(Scalar{Name: "punycode_to_string", Doc: "Decodes a string from Punycode, without xn-- in front.",
		Examples: []Example{{`print punycode_to_string("acadmie-franaise-npb1a")`, "académie-française"}}}, Try1(punyDecode))
	encodeFn(Scalar{Name: "punycode_domain_to_string", Doc: "Encodes the parts of a domain name that are not ASCII in Punycode.",
		Examples: []Example{{`print punycode_domain_to_string("艺术.com")`, "xn--cqv902d.com"}}},
		Try1(func(s string) (string, bool) {
			return eachLabel(s, func(out []byte, label string) ([]byte, bool) {
				if isASCII(label) {
					return append(out, label...), true
				}
				return appendPuny(append(out, "xn--"...), label)
			})
		}))
	encodeFn(Scalar{Name: "punycode_domain_from_string", Doc: "Decodes the parts of a domain name that are in Punycode.",
		Examples: []Example{{`print punycode_domain_from_string("xn--Ge-mia.Bulg.edu")`, "Gáe.Bulg.edu"}}},
		Try1(func(s string) (string, bool) {
			return eachLabel(s, func(out []byte, label string) ([]byte, bool) {
				if len(label) < 4 || !strings.EqualFold(label[:4], "xn--") {
					return append(out, label...), true
				}
				plain, ok := punyDecode(label[4:])
				return append(out, plain...), ok
			})
		}))
}

// eachLabel splits a domain name at the points, of which there are several in
// Unicode.
func eachLabel(s string, f func(out []byte, label string) ([]byte, bool)) (string, bool) {
	if !isASCII(s) {
		s = unicodePoints.Replace(s)
	}
	out, ok := make([]byte, 0, 64), true
	for {
		label, rest, more := strings.Cut(s, ".")
		if out, ok = f(out, label); !ok {
			return "", false
		}
		if !more {
			return string(out), true
		}
		out, s = append(out, '.'), rest
	}
}

var unicodePoints = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".")

// The parameters of Punycode, see RFC 3492.
const (
	punyBase = 36
	punyTMin = 1
	punyTMax = 26
	punySkew = 38
	punyDamp = 700
	punyBias = 72
	punyN    = 128
)

// maxPuny is the length up to which texts are encoded and decoded: the time
// for that grows with its square, and names are short.
const maxPuny = 1 << 13

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punyBase-punyTMin)*punyTMax/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}

func punyThreshold(k, bias int) int { return min(punyTMax, max(punyTMin, k-bias)) }

func punyEncode(s string) (string, bool) {
	out, ok := appendPuny(make([]byte, 0, 64), s)
	return string(out), ok
}

// appendPuny appends a text in Punycode.
func appendPuny(out []byte, s string) ([]byte, bool) {
	if !utf8.ValidString(s) || len(s) > maxPuny {
		return nil, false
	}
	const digits = "abcdefghijklmnopqrstuvwxyz0123456789"
	runes := []rune(s)
	before := len(out)
	for _, r := range runes {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		}
	}
	basic := len(out) - before
	done := basic
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(punyN), 0, punyBias
	for done < len(runes) {
		next := rune(math.MaxInt32)
		for _, r := range runes {
			if r >= n {
				next = min(next, r)
			}
		}
		if delta += int(next-n) * (done + 1); delta > math.MaxInt32-len(runes) {
			return nil, false
		}
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := punyBase; ; k += punyBase {
				t := punyThreshold(k, bias)
				if q < t {
					break
				}
				out = append(out, digits[t+(q-t)%(punyBase-t)])
				q = (q - t) / (punyBase - t)
			}
			out = append(out, digits[q])
			bias = punyAdapt(delta, done+1, done == basic)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return out, true
}

func punyDecode(s string) (string, bool) {
	if !isASCII(s) || len(s) > 2*maxPuny {
		return "", false
	}
	var out []rune
	if i := strings.LastIndexByte(s, '-'); i > 0 {
		out = []rune(s[:i])
		s = s[i+1:]
	} else if i == 0 {
		s = s[1:]
	}
	n, place, bias := punyN, 0, punyBias
	for pos := 0; pos < len(s); {
		before, weight := place, 1
		for k := punyBase; ; k += punyBase {
			if pos == len(s) {
				return "", false
			}
			digit := punyDigit(s[pos])
			pos++
			if digit < 0 || digit > (math.MaxInt32-place)/weight {
				return "", false
			}
			place += digit * weight
			t := punyThreshold(k, bias)
			if digit < t {
				break
			}
			if weight > math.MaxInt32/(punyBase-t) {
				return "", false
			}
			weight *= punyBase - t
		}
		bias = punyAdapt(place-before, len(out)+1, before == 0)
		n += place / (len(out) + 1)
		place %= len(out) + 1
		if !utf8.ValidRune(rune(n)) || n > utf8.MaxRune {
			return "", false
		}
		out = append(out, 0)
		copy(out[place+1:], out[place:])
		out[place] = rune(n)
		place++
	}
	return string(out), true
}

func punyDigit(c byte) int {
	switch c = lowers[c]; {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}
