package fn

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// needle is a text to look for, made ready once and looked for in many others.
type needle struct {
	text  string // lower case where fold and ascii
	runes []rune // folded, where fold and not ascii
	fold  bool   // whether case does not count
	ascii bool
	// The byte of text that is likely the rarest: what is scanned for.
	at        int
	low, high byte
}

func newNeedle(text string, fold bool) *needle {
	n := &needle{text: text, fold: fold, ascii: isASCII(text)}
	switch {
	case !fold || text == "":
	case n.ascii:
		n.text = strings.ToLower(text)
		for i := range len(text) {
			if commonness[n.text[i]] < commonness[n.text[n.at]] {
				n.at = i
			}
		}
		n.low = n.text[n.at]
		n.high = n.low
		if n.low >= 'a' && n.low <= 'z' {
			n.high -= 'a' - 'A'
		}
	default:
		for i := 0; i < len(text); {
			r, size := foldRune(text[i:])
			n.runes = append(n.runes, r)
			i += size
		}
	}
	return n
}

// commonness orders bytes by how often they occur in logs and names; a letter
// counts for more as it has to be looked for twice.
var commonness = func() (c [256]byte) {
	for i := range c {
		c[i] = 1
	}
	for i, b := range []byte("zqjxkvbywgpfmucdlhrsnioate") {
		c[b] = byte(20 + 3*i)
	}
	for i, b := range []byte("#$%&+=@:;,\"'_-/\\") {
		c[b] = byte(2 + i)
	}
	for i, b := range []byte("9876543210. ") {
		c[b] = byte(25 + 3*i)
	}
	return c
}()

// lowers maps bytes to lower case where they are ASCII.
var lowers = func() (l [256]byte) {
	for i := range l {
		l[i] = byte(i)
	}
	for c := 'A'; c <= 'Z'; c++ {
		l[c] += 'a' - 'A'
	}
	return l
}()

func isASCII(s string) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if w&0x8080808080808080 != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldRune returns the first character of s without its case, and its size.
// As in .NET's ordinal comparison no other character equals an ASCII one, and
// each byte that is not UTF-8 is a character of its own.
func foldRune(s string) (rune, int) {
	if s[0] < utf8.RuneSelf {
		return rune(lowers[s[0]]), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 {
		return -1 - rune(s[0]), 1
	}
	if u := unicode.ToUpper(r); u >= utf8.RuneSelf {
		return u, size
	}
	return r, size
}

// scan is where the search through one text stands.
type scan struct {
	hay       string
	low, high int    // next places of the needle's rare byte; before the start where not known
	misses    int    // places that turned out wrong
	lowered   string // hay in lower case, where there were too many misses
}

func newScan(hay string) scan { return scan{hay: hay, low: -1, high: -1} }

// next returns the first match that does not start before from, or start -1.
// The end need not be start+len(text): the cases of a character may differ in
// length.
func (n *needle) next(s *scan, from int) (start, end int) {
	switch {
	case from > len(s.hay):
		return -1, -1
	case !n.fold || n.text == "":
		start = strings.Index(s.hay[from:], n.text)
		if start >= 0 {
			start += from
		}
	case n.ascii:
		start = n.nextASCII(s, from)
	default:
		return n.nextRunes(s.hay, from)
	}
	return start, start + len(n.text)
}

// nextASCII jumps between occurrences of the rare byte in either case.
func (n *needle) nextASCII(s *scan, from int) int {
	last := len(s.hay) - len(n.text)
	if from > last {
		return -1
	}
	if s.lowered != "" {
		return n.nextLowered(s, from)
	}
	reach := s.hay[:last+n.at+1]
	for p := from + n.at; p < len(reach); {
		if s.low < p {
			s.low = indexByteFrom(reach, n.low, p)
		}
		q := s.low
		if n.high != n.low {
			if s.high < p {
				s.high = indexByteFrom(reach, n.high, p)
			}
			q = min(q, s.high)
		}
		if q == math.MaxInt {
			return -1
		}
		if start := q - n.at; equalLower(s.hay[start:start+len(n.text)], n.text) {
			return start
		}
		p = q + 1
		// Texts that nearly match all over would make this quadratic.
		if s.misses++; s.misses > 64 && s.misses*len(n.text) > len(s.hay) {
			s.lowered = lowerASCII(s.hay)
			return n.nextLowered(s, p-n.at)
		}
	}
	return -1
}

func (n *needle) nextLowered(s *scan, from int) int {
	i := strings.Index(s.lowered[from:], n.text)
	if i < 0 {
		return -1
	}
	return from + i
}

func indexByteFrom(s string, c byte, from int) int {
	i := strings.IndexByte(s[from:], c)
	if i < 0 {
		return math.MaxInt
	}
	return from + i
}

// equalLower compares s with a text of the same length in lower case.
func equalLower(s, lower string) bool {
	for i := range len(lower) {
		if lowers[s[i]] != lower[i] {
			return false
		}
	}
	return true
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lowers[c]
	}
	return string(b)
}

func (n *needle) nextRunes(hay string, from int) (start, end int) {
	for start = from; start < len(hay); {
		if size := n.prefixRunes(hay[start:]); size >= 0 {
			return start, start + size
		}
		_, size := utf8.DecodeRuneInString(hay[start:])
		start += size
	}
	return -1, -1
}

// prefixRunes returns how many bytes of s the needle matches at its start, or -1.
func (n *needle) prefixRunes(s string) int {
	i := 0
	for _, want := range n.runes {
		if i >= len(s) {
			return -1
		}
		r, size := foldRune(s[i:])
		if r != want {
			return -1
		}
		i += size
	}
	return i
}

// in reports whether hay contains the needle.
func (n *needle) in(hay string) bool {
	s := newScan(hay)
	start, _ := n.next(&s, 0)
	return start >= 0
}

// starts reports whether hay begins with the needle.
func (n *needle) starts(hay string) bool {
	switch {
	case !n.fold:
		return strings.HasPrefix(hay, n.text)
	case n.ascii:
		return len(hay) >= len(n.text) && equalLower(hay[:len(n.text)], n.text)
	}
	return n.prefixRunes(hay) >= 0
}

// ends reports whether hay ends with the needle.
func (n *needle) ends(hay string) bool {
	switch {
	case !n.fold:
		return strings.HasSuffix(hay, n.text)
	case n.ascii:
		return len(hay) >= len(n.text) && equalLower(hay[len(hay)-len(n.text):], n.text)
	}
	start := len(hay)
	for range n.runes {
		if start == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(hay[:start])
		start -= size
	}
	return n.prefixRunes(hay[start:]) == len(hay)-start
}

// equals reports whether hay is the needle.
func (n *needle) equals(hay string) bool {
	switch {
	case !n.fold:
		return hay == n.text
	case n.ascii:
		return len(hay) == len(n.text) && equalLower(hay, n.text)
	}
	return n.prefixRunes(hay) == len(hay)
}

// term reports whether the needle occurs in hay as a term: at those of its
// ends that count, no letter or digit of it is followed by another. An end
// that is itself neither, as the point of ".exe", is always at a boundary.
func (n *needle) term(hay string, left, right bool) bool {
	s := newScan(hay)
	for from := 0; ; {
		start, end := n.next(&s, from)
		if start < 0 {
			return false
		}
		if start == end || (!left || boundary(hay, start)) && (!right || boundary(hay, end)) {
			return true
		}
		_, size := utf8.DecodeRuneInString(hay[start:])
		from = start + size
	}
}

// boundary reports whether place i of s is not inside a term.
func boundary(s string, i int) bool {
	if i == 0 || i == len(s) {
		return true
	}
	if a, b := s[i-1], s[i]; a < utf8.RuneSelf && b < utf8.RuneSelf {
		return !alnum[a] || !alnum[b]
	}
	a, _ := utf8.DecodeLastRuneInString(s[:i])
	b, _ := utf8.DecodeRuneInString(s[i:])
	return !isAlnum(a) || !isAlnum(b)
}

// alnum tells which ASCII bytes are letters or digits.
var alnum = func() (a [256]bool) {
	for c := range utf8.RuneSelf {
		a[c] = unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
	}
	return a
}()

func isAlnum(r rune) bool {
	if r < utf8.RuneSelf {
		return alnum[r]
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
