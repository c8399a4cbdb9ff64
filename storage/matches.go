package storage

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// matches are the places in a dictionary whose strings satisfy a condition, or
// why it is not known which do. They are kept with all else that was read of an
// extent, which never changes: rules and dashboards ask the same for ever.
type matches struct {
	codes []int32
	ok    bool
	why   reason
	same  string
}

func (m *matches) size() int64 { return int64(4*cap(m.codes) + len(m.same) + 128) }

func (c storedColumn) decide(p table.Predicate) (*rowTest, reason, error) {
	if p.Op == table.Equal {
		codes, ok, err := c.equal(p.Values)
		if err != nil || !ok {
			return nil, possible, err
		}
		return c.test(codes)
	}
	m, err := c.matches(p)
	if err != nil || m.why != possible || !m.ok {
		return nil, m.why, err
	}
	return c.test(m.codes)
}

// maxSame is the longest name of a condition that is remembered.
const maxSame = 1024

// matches finds the strings that satisfy a condition, or remembers them.
func (c storedColumn) matches(p table.Predicate) (matches, error) {
	if p.Match == nil || p.Same == "" || len(p.Same) > maxSame {
		return c.findMatches(p)
	}
	k := c.key(cachedMatches, 0)
	k.same = p.Same
	m, err := getKey(c, k, func() (*matches, error) {
		m, err := c.findMatches(p)
		m.same, m.codes = p.Same, slices.Clone(m.codes)
		return &m, err
	})
	if err != nil {
		return matches{}, err
	}
	return *m, nil
}

// fewToTest is how many strings of a dictionary are tested without ado, and
// fewPages the share of the pages of a large one. The executor tests them all
// once more where this chooses no rows.
const (
	fewToTest = 8192
	fewPages  = 4
)

func (c storedColumn) findMatches(p table.Predicate) (m matches, err error) {
	w := wantedBy(p)
	if c.m.parts.alphabet.lacks(w.letters) {
		return matches{why: byText}, nil
	}
	h, err := c.head()
	if err != nil {
		return m, err
	}
	pages, err := c.pagesWith(h, w)
	if err != nil {
		return m, err
	}
	switch {
	case len(pages) == 0:
		m.why = byText
	case p.Match == nil:
	case h.n > fewToTest && len(pages)*fewPages > len(h.ends):
		m.codes, m.ok, err = c.matchingMany(h, pages, p)
	default:
		m.codes, m.ok, err = c.matching(h, pages, p)
	}
	return m, err
}

// pagesWith are the pages of the dictionary that may have what is wanted.
func (c storedColumn) pagesWith(h *textHead, w *wanted) ([]int, error) {
	f, err := c.filter(h)
	if err != nil {
		return nil, err
	}
	var hashes []uint64
	if f != nil {
		hashes = w.hashes(f)
	}
	var pages []int
	for k := range h.ends {
		if len(hashes) == 0 || f.has(k, hashes) {
			pages = append(pages, k)
		}
	}
	return pages, nil
}

// matching returns the codes of the strings in some pages that match.
func (c storedColumn) matching(h *textHead, pages []int, p table.Predicate) (codes []int32, ok bool, err error) {
	if len(pages) == len(h.ends) {
		d, err := c.dict()
		if err != nil {
			return nil, false, err
		}
		codes, ok = appendMatches(nil, p.Match(d.arr), 0)
		return codes, ok, nil
	}
	r := &pageReader{c: c, h: h}
	for _, k := range pages {
		page, err := r.page(k)
		if err != nil {
			return nil, false, err
		}
		if codes, ok = appendMatches(codes, p.Match(page.dict().arr), k*h.per); !ok {
			return nil, false, nil
		}
	}
	return codes, true, nil
}

// sampled is the share of the pages of a dictionary that are tested first, to
// see whether it is worth testing the others.
const sampled = 16

// matchingMany is matching where most pages of a large dictionary are to be
// tested. The executor would test them all, and would do it again where many
// rows turn out to match: it is given up when a sample says so.
func (c storedColumn) matchingMany(h *textHead, pages []int, p table.Predicate) (codes []int32, ok bool, err error) {
	d, err := c.dict()
	if err != nil {
		return nil, false, err
	}
	var first, rest []int
	for i, k := range pages {
		if i%sampled == 0 {
			first = append(first, k)
		} else {
			rest = append(rest, k)
		}
	}
	if codes, ok = c.matchIn(d, h, first, p); !ok {
		return nil, false, nil
	}
	if len(codes) > 0 {
		t, _, err := c.test(codes)
		if err != nil || t.rows*int64(len(pages)) > int64(c.u.rows/fewRows*len(first)) {
			return nil, false, err
		}
	}
	more, ok := c.matchIn(d, h, rest, p)
	codes = append(codes, more...)
	slices.Sort(codes)
	return codes, ok, nil
}

// matchIn returns the codes of the strings in some pages that match, testing
// those of neighbours together.
func (c storedColumn) matchIn(d *dict, h *textHead, pages []int, p table.Predicate) (codes []int32, ok bool) {
	for len(pages) > 0 {
		n := 1
		for n < len(pages) && pages[n] == pages[0]+n {
			n++
		}
		a, b := pages[0]*h.per, min((pages[0]+n)*h.per, d.len())
		part := array.NewSlice(d.arr, int64(a), int64(b)).(*array.String)
		if codes, ok = appendMatches(codes, p.Match(part), a); !ok {
			return nil, false
		}
		pages = pages[n:]
	}
	return codes, true
}

func appendMatches(codes []int32, pass []bool, first int) ([]int32, bool) {
	for i, ok := range pass {
		if ok {
			codes = append(codes, int32(first+i))
		}
	}
	return codes, pass != nil
}
