package storage

import (
	"github.com/dgraph-io/badger/v4"
	"tidemark/table"
)

// A column of strings whose value is told by that of another, as the id of a
// computer is by its name, follows that column, its leader: it is stored without
// numbers of its own, and part 0 has for each string of the leader's dictionary
// the place in the column's. Rows are as many times read by their leader, which
// whoever wants whole rows reads anyway.

const (
	leastLed    = 256 // strings from which on a column leads or follows: a byte a row
	mostLeaders = 4   // columns of an extent whose codes are kept while it is built
	leaderRows  = 8   // rows for each string of a leader, at least
)

// leader is a column that others of an extent may follow.
type leader struct {
	id    uint32
	n     int // strings
	codes codes
}

// mayLead reports whether a column is worth following: it has many strings, of
// which none is in most rows.
func mayLead(c *column) bool {
	if c.phys != table.Strings || c.nulls > 0 || c.dict.len() < leastLed || c.dict.len()*leaderRows > c.n {
		return false
	}
	for _, rows := range countCodes(c) {
		if rows > int64(c.n/2) {
			return false
		}
	}
	return true
}

// follows returns the first of some leaders that tells the strings of a column,
// and for each of the leader's strings the place of the column's.
func follows(leaders []leader, c *column) (id uint32, places []int32) {
	if c.phys != table.Strings || c.nulls > 0 || c.dict.len() < leastLed {
		return 0, nil
	}
	for _, l := range leaders {
		if places := l.tells(c); places != nil {
			return l.id, places
		}
	}
	return 0, nil
}

// tells returns the places, nil where rows with one string of the leader have
// several of the column.
func (l leader) tells(c *column) []int32 {
	if l.n < c.dict.len() {
		return nil
	}
	after := make([]int32, l.n) // places, one more than they are; 0: not known
	for i := range c.n {
		at, code := &after[l.codes.at(i)], c.codes.at(i)+1
		if *at != code {
			if *at != 0 {
				return nil
			}
			*at = code
		}
	}
	for i, v := range after {
		after[i] = max(v-1, 0)
	}
	return after
}

// soundLeader checks that a column may follow another one.
func (e *extent) soundLeader(c *extentColumn) error {
	l := e.column(c.parts.leader)
	if l == nil || l.parts == nil || l.parts.follows || l.phys != table.Strings || l.zone.nulls > 0 || c.zone.nulls > 0 {
		return corrupt("a column follows one that cannot lead")
	}
	return nil
}

// places is what part 0 of a column has that follows another.
type places []int32

func (p places) size() int64 { return int64(4*len(p)) + 24 }

func decodePlaces(b []byte, strings, distinct int) (places, error) {
	nums, err := decodeAllNumbers(b, nil, strings)
	if err != nil {
		return nil, err
	}
	p := make(places, strings)
	readNumbers(nums, 0, p)
	if most(p) >= distinct {
		return nil, errCode
	}
	return p, nil
}

// of replaces places in the leader's dictionary by those in the column's.
func (p places) of(codes []int32) error {
	if len(codes) > 0 && most(codes) >= len(p) {
		return errCode
	}
	for i, code := range codes {
		codes[i] = p[code]
	}
	return nil
}

// numbers returns what the numbers of the column would be: packed pages, for
// none of its strings is in most rows.
func (p places) numbers(leader *numbers, distinct int) (*numbers, error) {
	out := &numbers{n: leader.n, pages: make([]page, len(leader.pages))}
	width := packWidth(uint64(distinct - 1))
	codes := make([]int32, pageRows)
	for i := range out.pages {
		codes := codes[:leader.pages[i].n]
		readNumbers(leader, i*pageRows, codes)
		if err := p.of(codes); err != nil {
			return nil, err
		}
		size := packedSize(len(codes), width)
		data := pack(make([]byte, 0, size+packSlack), len(codes), width, func(i int) uint64 { return uint64(codes[i]) })
		vals := packed{n: len(codes), scale: 1, width: width, data: data[:size+packSlack]}
		out.pages[i] = page{n: len(codes), form: pagePacked, vals: vals}
		out.bytes += len(vals.data)
	}
	return out, nil
}

// leader is the column that this one follows.
func (c storedColumn) leader() storedColumn {
	id := c.m.parts.leader
	return storedColumn{c.u, c.u.extent.cols[id], columnDef{ID: id, Name: c.u.scan.src.def.columnName(id)}}
}

func (c storedColumn) places() (places, error) {
	return get1(c, cachedPlaces, 0, func() (places, error) {
		b, err := c.part(partNumbers)
		if err != nil {
			return nil, err
		}
		return decodePlaces(b, c.leader().m.zone.distinct, c.m.zone.distinct)
	})
}

// followed is the numbers of a column that follows another.
func (c storedColumn) followed() (*numbers, error) {
	p, err := c.places()
	if err != nil {
		return nil, err
	}
	nums, err := c.leader().numbers()
	if err != nil {
		return nil, err
	}
	return p.numbers(nums, c.m.zone.distinct)
}

// codesOf returns the codes of the rows of an ascending list. They are in the
// dictionary.
func (c storedColumn) codesOf(rows []int32) (codes []int32, valid []byte, nulls int, err error) {
	if c.m.parts.follows && !have[*numbers](c, cachedNumbers) {
		p, err := c.places()
		if err != nil {
			return nil, nil, 0, err
		}
		if codes, _, _, err = c.leader().codesOf(rows); err == nil {
			err = c.at(p.of(codes))
		}
		return codes, nil, 0, err
	}
	nums, err := c.numbersOf(rows)
	if err != nil {
		return nil, nil, 0, err
	}
	codes = make([]int32, len(rows))
	gatherNumbers(nums, rows, codes)
	if most(codes) >= c.m.zone.distinct {
		return nil, nil, 0, c.at(errCode)
	}
	valid, nulls = nums.validRows(rows)
	return codes, valid, nulls, nil
}

// readNumbers reads the numbers of a column, and tells how many bytes were
// read.
func (e *extent) readNumbers(db *badger.DB, t, column uint32) (nums *numbers, read int64, err error) {
	m := e.cols[column]
	b, err := e.readPart(db, t, column, partNumbers)
	if err != nil {
		return nil, 0, err
	}
	read = int64(len(b))
	if m.parts.follows {
		p, err := decodePlaces(b, e.cols[m.parts.leader].zone.distinct, m.zone.distinct)
		if err != nil {
			return nil, read, err
		}
		leader, n, err := e.readNumbers(db, t, m.parts.leader)
		if err == nil {
			nums, err = p.numbers(leader, m.zone.distinct)
		}
		return nums, read + n, err
	}
	apart, err := e.readPart(db, t, column, partApart)
	if err != nil {
		return nil, read, err
	}
	nums, err = decodeAllNumbers(b, apart, e.rows)
	return nums, read + int64(len(apart)), err
}
