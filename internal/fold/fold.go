// Package fold gives texts that differ in case alone the same bytes, for
// indexes: what the engine's operators or regular expressions take for equal
// is equal here, and a little more.
package fold

import (
	"unicode"
	"unicode/utf8"
)

// Append appends s without case. Bytes that are not UTF-8 stay as they are.
func Append(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = append(dst, lower[c])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, Rune(r))
		}
		i += size
	}
	return dst
}

// Rune is what r and those that differ from it in case alone have in common.
func Rune(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lower[byte(r)])
	}
	upper := unicode.ToUpper(r)
	least := upper
	for x := unicode.SimpleFold(upper); x != upper; x = unicode.SimpleFold(x) {
		least = min(least, x)
	}
	if least < utf8.RuneSelf {
		return rune(lower[byte(least)])
	}
	return least
}

var lower = func() (l [256]byte) {
	for i := range l {
		l[i] = byte(i)
	}
	for c := 'A'; c <= 'Z'; c++ {
		l[c] += 'a' - 'A'
	}
	return l
}()

// IsWord reports whether r is a letter or a digit: terms are made of these.
func IsWord(r rune) bool {
	if r < utf8.RuneSelf {
		return word[byte(r)]
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

var word = func() (w [256]bool) {
	for c := range utf8.RuneSelf {
		w[c] = unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
	}
	return w
}()

// Terms calls f for each term of s, the longest runs of letters and digits:
// where it begins and ends.
func Terms(s string, f func(a, b int)) {
	start := -1
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		switch in := IsWord(r); {
		case in && start < 0:
			start = i
		case !in && start >= 0:
			f(start, i)
			start = -1
		}
		i += size
	}
	if start >= 0 {
		f(start, len(s))
	}
}
