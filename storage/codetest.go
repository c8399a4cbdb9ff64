package storage

import (
	"slices"
	"sync"
)

// codeTest is a column and the places in its dictionary that pass.
type codeTest struct {
	col   storedColumn
	codes []int32  // ascending
	one   int32    // the only one, or -1
	set   []uint64 // bitmap of them

	list     sync.Once
	listed   []int32 // the rows that pass
	isListed bool
	err      error
}

func (t *codeTest) has(code int64) bool {
	if t.one >= 0 {
		return code == int64(t.one)
	}
	w := uint64(code) >> 6
	return w < uint64(len(t.set)) && t.set[w]>>(code&63)&1 != 0
}

func (t *codeTest) among(rows []int32) ([]int32, error) {
	codes, _, _, err := t.col.codesOf(rows)
	if err != nil {
		return nil, err
	}
	out := rows[:0]
	for i, row := range rows {
		if t.has(int64(codes[i])) {
			out = append(out, row)
		}
	}
	return out, nil
}

// look lists the rows that pass where that can be done without a search.
func (t *codeTest) look() {
	p, err := t.col.postings()
	if p == nil || err != nil {
		t.err = err
		return
	}
	t.listed, t.isListed = p.of(t.codes, t.col.u.rows, nil)
}

func (t *codeTest) rowsIn(a, b int, out []int32) ([]int32, error) {
	if t.list.Do(t.look); t.err != nil {
		return nil, t.err
	}
	if t.isListed {
		from, _ := slices.BinarySearch(t.listed, int32(a))
		to, _ := slices.BinarySearch(t.listed[from:], int32(b))
		return append(out, t.listed[from:from+to]...), nil
	}
	t.col.m.searched.rows.Add(int64(b - a))
	nums, err := t.col.numbers()
	if err != nil {
		return nil, err
	}
	for a < b {
		k := a / pageRows
		z := min(b, (k+1)*pageRows)
		p := &nums.pages[k]
		if p.form != pagePacked || t.col.m.zone.distinct > 1<<16 {
			out = t.rowsOf(p, k*pageRows, a, z, out)
		} else {
			// Codes that are narrow in memory compare faster yet.
			codes, err := t.col.codes(a, z)
			if err != nil {
				return nil, err
			}
			if codes.b8 != nil {
				out = matchCodes(t, codes.b8, int32(a), out)
			} else {
				out = matchCodes(t, codes.b16, int32(a), out)
			}
		}
		a = z
	}
	return out, nil
}

func matchCodes[T uint8 | uint16](t *codeTest, vals []T, first int32, out []int32) []int32 {
	if t.one >= 0 {
		one := T(t.one)
		for i, v := range vals {
			if v == one {
				out = append(out, first+int32(i))
			}
		}
		return out
	}
	set := t.set
	for i, v := range vals {
		if set[v>>6]>>(v&63)&1 != 0 {
			out = append(out, first+int32(i))
		}
	}
	return out
}
