package fn

import "regexp/syntax"

// sequence matches an expression by going back and trying again. It takes
// expressions that repeat single characters only, as most do that are used on
// paths, keys and names, and texts of ASCII; on those it finds what Go's
// machine finds, many times faster. It gives up where it would have to go back
// too often.
type sequence struct {
	start    *seqNode
	first    asciiSet // the characters a match can begin with
	any      bool     // it may be empty, or nothing is known of the first one
	anchored bool     // it begins at the beginning
	slots    int      // of groups that there are, the whole included
}

type asciiSet [2]uint64

func (s *asciiSet) has(c byte) bool { return s[c>>6&1]>>(c&63)&1 == 1 }
func (s *asciiSet) add(c rune)      { s[c>>6] |= 1 << (c & 63) }

type seqKind uint8

const (
	seqMatch     seqKind = iota
	seqChars             // min to max characters of a set
	seqCapture           // notes the place
	seqAlternate         // one of several, in order
	seqBeginText
	seqEndText
	seqBeginLine
	seqEndLine
	seqBoundary
	seqNoBoundary
)

type seqNode struct {
	kind     seqKind
	lazy     bool
	set      asciiSet
	min, max int // of a set; max < 0: any number
	slot     int // of a capture
	next     *seqNode
	alts     []*seqNode
}

// maxSeqGroups is how many groups there may be.
const maxSeqGroups = 15

// seqMarks are the places of the groups, and what a search may still cost.
type seqMarks struct {
	at    [2 * (maxSeqGroups + 1)]int
	steps int
}

// newSequence compiles an expression, nil where it is of another kind.
func newSequence(re *syntax.Regexp) *sequence {
	if re.MaxCap() > maxSeqGroups {
		return nil
	}
	start := seqOf(re, &seqNode{kind: seqMatch})
	if start == nil {
		return nil
	}
	s := &sequence{start: start, slots: 2 * (re.MaxCap() + 1)}
	n := start
	for n.kind == seqCapture {
		n = n.next
	}
	s.anchored = n.kind == seqBeginText
	s.any = !n.firsts(&s.first)
	return s
}

// firsts adds the characters that a match from here on can begin with; false
// where it need not begin with any.
func (n *seqNode) firsts(set *asciiSet) bool {
	switch n.kind {
	case seqChars:
		set[0] |= n.set[0]
		set[1] |= n.set[1]
		return n.min > 0 || n.next.firsts(set)
	case seqMatch:
		return false
	case seqAlternate:
		for _, a := range n.alts {
			if !a.firsts(set) {
				return false
			}
		}
		return true
	}
	return n.next.firsts(set)
}

// seqOf compiles re, followed by next.
func seqOf(re *syntax.Regexp, next *seqNode) *seqNode {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return next
	case syntax.OpLiteral:
		for i := len(re.Rune) - 1; i >= 0; i-- {
			if re.Rune[i] > 127 {
				return nil
			}
			n := &seqNode{kind: seqChars, min: 1, max: 1, next: next}
			n.set.add(re.Rune[i])
			if c := re.Rune[i] | 0x20; re.Flags&syntax.FoldCase != 0 && c >= 'a' && c <= 'z' {
				n.set.add(c)
				n.set.add(c &^ 0x20)
			}
			next = n
		}
		return next
	case syntax.OpCapture:
		return seqBetween(re.Sub[0], 2*re.Cap, next)
	case syntax.OpConcat:
		for i := len(re.Sub) - 1; i >= 0 && next != nil; i-- {
			next = seqOf(re.Sub[i], next)
		}
		return next
	case syntax.OpAlternate:
		out := &seqNode{kind: seqAlternate}
		for _, sub := range re.Sub {
			n := seqOf(sub, next)
			if n == nil {
				return nil
			}
			out.alts = append(out.alts, n)
		}
		return out
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return seqRepeat(re, next)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		n := &seqNode{kind: seqChars, min: 1, max: 1, next: next}
		seqSet(re, &n.set)
		return n
	}
	if kind, ok := seqEmpty[re.Op]; ok {
		return &seqNode{kind: kind, next: next}
	}
	return nil
}

var seqEmpty = map[syntax.Op]seqKind{
	syntax.OpBeginText: seqBeginText, syntax.OpEndText: seqEndText, syntax.OpBeginLine: seqBeginLine, syntax.OpEndLine: seqEndLine,
	syntax.OpWordBoundary: seqBoundary, syntax.OpNoWordBoundary: seqNoBoundary,
}

func seqBetween(re *syntax.Regexp, slot int, next *seqNode) *seqNode {
	n := seqOf(re, &seqNode{kind: seqCapture, slot: slot + 1, next: next})
	if n == nil {
		return nil
	}
	return &seqNode{kind: seqCapture, slot: slot, next: n}
}

func seqRepeat(re *syntax.Regexp, next *seqNode) *seqNode {
	n := &seqNode{kind: seqChars, min: re.Min, max: re.Max, lazy: re.Flags&syntax.NonGreedy != 0, next: next}
	switch re.Op {
	case syntax.OpStar:
		n.min, n.max = 0, -1
	case syntax.OpPlus:
		n.min, n.max = 1, -1
	case syntax.OpQuest:
		n.min, n.max = 0, 1
	}
	if seqSet(re.Sub[0], &n.set) {
		return n
	}
	if n.min != 0 || n.max != 1 { // of more than a character
		return nil
	}
	with := seqOf(re.Sub[0], next)
	switch {
	case with == nil:
		return nil
	case n.lazy:
		return &seqNode{kind: seqAlternate, alts: []*seqNode{next, with}}
	}
	return &seqNode{kind: seqAlternate, alts: []*seqNode{with, next}}
}

// seqSet adds what an expression for one character matches; false where it is
// none.
func seqSet(re *syntax.Regexp, set *asciiSet) bool {
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) != 1 {
			return false
		}
		n := seqOf(re, &seqNode{})
		if n != nil {
			*set = n.set
		}
		return n != nil
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		*set = asciiSet{1<<64 - 1, 1<<64 - 1}
		if re.Op == syntax.OpAnyCharNotNL {
			set[0] &^= 1 << '\n'
		}
		return true
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= min(127, re.Rune[i+1]); c++ {
				set.add(c)
			}
		}
		return true
	}
	return false
}

// find looks for the first match. known is false where it gave up, or the text
// is not ASCII.
func (q *sequence) find(s string, m *seqMarks) (found, known bool) {
	if !isASCII(s) {
		return false, false
	}
	m.steps = 32*len(s) + 256
	for k := range m.at[:q.slots] {
		m.at[k] = -1
	}
	for i := 0; i <= len(s); i++ {
		if !q.any {
			for i < len(s) && !q.first.has(s[i]) && !q.anchored {
				i++
			}
			if i == len(s) {
				return false, true
			}
		}
		m.at[0] = i // what failed before left no other marks
		if q.start.match(s, i, m) {
			return true, true
		}
		if m.steps < 0 {
			return false, false
		}
		if q.anchored {
			break
		}
	}
	return false, true
}

// match matches from place i on. It is false too where the steps were used up.
func (n *seqNode) match(s string, i int, m *seqMarks) bool {
	for {
		if m.steps--; m.steps < 0 {
			return false
		}
		switch n.kind {
		case seqMatch:
			m.at[1] = i
			return true
		case seqChars:
			if n.min != 1 || n.max != 1 {
				return n.repeat(s, i, m)
			}
			if i >= len(s) || !n.set.has(s[i]) {
				return false
			}
			i++
		case seqCapture:
			before := m.at[n.slot]
			m.at[n.slot] = i
			if n.next.match(s, i, m) {
				return true
			}
			m.at[n.slot] = before
			return false
		case seqAlternate:
			for _, a := range n.alts {
				if a.match(s, i, m) {
					return true
				}
			}
			return false
		default:
			if !n.holds(s, i) {
				return false
			}
		}
		n = n.next
	}
}

// repeat takes as many characters as it can, or as few, and then the others.
func (n *seqNode) repeat(s string, i int, m *seqMarks) bool {
	most := len(s) - i
	if n.max >= 0 {
		most = min(most, n.max)
	}
	k := 0
	if n.lazy {
		for ; k <= most; k++ {
			if k >= n.min && n.next.match(s, i+k, m) {
				return true
			}
			if k < most && !n.set.has(s[i+k]) {
				return false
			}
		}
		return false
	}
	for k < most && n.set.has(s[i+k]) {
		k++
	}
	for ; k >= n.min; k-- {
		if n.next.begins(s, i+k) && n.next.match(s, i+k, m) {
			return true
		}
	}
	return false
}

// begins is a look at whether match can be true at all.
func (n *seqNode) begins(s string, i int) bool {
	for n.kind == seqCapture {
		n = n.next
	}
	switch n.kind {
	case seqChars:
		return n.min == 0 || i < len(s) && n.set.has(s[i])
	case seqEndText:
		return i == len(s)
	}
	return true
}

// holds tests what matches no characters.
func (n *seqNode) holds(s string, i int) bool {
	switch n.kind {
	case seqBeginText:
		return i == 0
	case seqEndText:
		return i == len(s)
	case seqBeginLine:
		return i == 0 || s[i-1] == '\n'
	case seqEndLine:
		return i == len(s) || s[i] == '\n'
	}
	before, after := i > 0 && wordChar(s[i-1]), i < len(s) && wordChar(s[i])
	return (before != after) == (n.kind == seqBoundary)
}

func wordChar(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
