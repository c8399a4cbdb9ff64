package storage

import "tidemark/table"

// soundParts checks the parts of a column that reading all its rows does not
// need: what queries find rows by without reading them.
func (v *verifier) soundParts(t *tbl, e *extent, id uint32, c *column) error {
	m := e.cols[id]
	if m.parts == nil || m.phys != table.Strings {
		return nil
	}
	part := func(part int) ([]byte, error) {
		b, err := e.readPart(v.s.db, t.id, id, part)
		v.sum.Bytes += int64(len(b))
		return b, err
	}
	if m.parts.alphabet != alphabetOf(c.dict) {
		return corrupt("the characters in the manifest are not those of the dictionary")
	}
	b, err := part(partHead)
	if err != nil {
		return err
	}
	h, err := decodeTextHead(b, e.rows)
	if err != nil {
		return err
	}
	for k := 1; k < len(h.firsts); k++ {
		if first := k * h.per; h.firsts[k] <= c.dict.at(first-1) || h.firsts[k] > c.dict.at(first) {
			return corrupt("page %d of the dictionary does not begin where its head says", k)
		}
	}
	if b, err = part(partCounts); err != nil {
		return err
	}
	counts, err := decodeAllNumbers(b, nil, c.dict.len())
	if err != nil {
		return err
	}
	for code, want := range countCodes(c) {
		if n, _ := counts.pages[code/pageRows].at(code % pageRows); n != want {
			return corrupt("%d rows are counted for string %d of the dictionary; there are %d", n, code, want)
		}
	}
	if b, err = part(partFilter); err != nil || len(b) == 0 {
		return err
	}
	f, err := decodeFilter(b, len(h.ends))
	if err != nil {
		return err
	}
	return f.covers(c.dict, h.per)
}

// covers checks that a filter has all that the strings of a dictionary have.
func (f *textFilter) covers(d *dict, per int) error {
	x := &filterPage{kinds: f.kinds}
	for k := range f.pages {
		x.page(d, k*per, min((k+1)*per, d.len()))
		if !f.has(k, x.hashes) {
			return corrupt("the filter of page %d of the dictionary lacks some of its terms", k)
		}
	}
	return nil
}
