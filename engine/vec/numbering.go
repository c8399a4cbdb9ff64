package vec

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unsafe"
	"weak"

	"github.com/apache/arrow/go/v15/arrow/array"
)

// Numbering numbers strings: those of one column of a table, for all queries
// that ask, so that a dictionary is looked through once and not again by each
// worker of each query. Numbers are exact, two strings have the same one only
// where they are equal; they are not given in order and some are left out.
type Numbering struct {
	shards [numberShards]numberShard
	mu     sync.Mutex
	dicts  map[weak.Pointer[array.String]]*numbered
	codes  int64 // memory of the numbers in dicts
}

const (
	numberShards    = 32
	numberShardBits = 5
)

// numberShard has the strings whose hashes end alike.
type numberShard struct {
	mu    sync.Mutex
	strs  []string // copies, in chunks
	chunk []byte
	bytes int // of strings and tables
	hash  []uint32
	slots []strSlot
	_     [64]byte // no two in a cache line
}

// numberChunk is how many bytes of strings are allocated at once.
const numberChunk = 1 << 16

// keep copies a string.
func (s *numberShard) keep(v string) string {
	if len(v) > numberChunk/4 {
		s.bytes += len(v)
		return strings.Clone(v)
	}
	if cap(s.chunk)-len(s.chunk) < len(v) {
		s.chunk = make([]byte, 0, numberChunk)
		s.bytes += numberChunk
	}
	at := len(s.chunk)
	s.chunk = append(s.chunk, v...)
	return unsafe.String(unsafe.SliceData(s.chunk[at:]), len(v))
}

// numbered are the numbers of a dictionary's values.
type numbered struct {
	asked int  // rows that came without numbers being made
	given bool // numbers are made, or about to be
	once  sync.Once
	of    []int32
	max   int32
}

// NewNumbering makes one that is empty.
func NewNumbering() *Numbering {
	return &Numbering{dicts: map[weak.Pointer[array.String]]*numbered{}}
}

// Worth reports whether a dictionary has its numbers, or is to get them: where
// as many of its rows have been asked for as it has values, now and before.
func (n *Numbering) Worth(values *array.String, rows int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.dict(weak.Make(values))
	if !d.given {
		d.asked += rows
	}
	return d.given || d.asked >= values.Len()
}

// dict is what is known of a dictionary; n.mu must be held.
func (n *Numbering) dict(key weak.Pointer[array.String]) *numbered {
	d := n.dicts[key]
	if d == nil {
		d = &numbered{}
		n.sweep()
		n.dicts[key] = d
	}
	return d
}

// Of returns the number of each value of a dictionary, and the greatest.
func (n *Numbering) Of(values *array.String) ([]int32, int32) {
	n.mu.Lock()
	d := n.dict(weak.Make(values))
	if !d.given {
		d.given = true
		n.codes += 4 * int64(values.Len())
	}
	n.mu.Unlock()
	d.once.Do(func() {
		d.of = make([]int32, values.Len())
		for i := range d.of {
			d.of[i] = n.Number(values.Value(i))
			d.max = max(d.max, d.of[i])
		}
	})
	return d.of, d.max
}

// sweep forgets dictionaries that are no more.
func (n *Numbering) sweep() {
	if bits.OnesCount(uint(len(n.dicts))) != 1 { // now and then
		return
	}
	for key := range n.dicts {
		if key.Value() == nil {
			n.codes -= 4 * int64(len(n.dicts[key].of))
			delete(n.dicts, key)
		}
	}
}

// Number returns the number of a string.
func (n *Numbering) Number(v string) int32 {
	hash := uint32(maphash.String(seed, v))
	s := &n.shards[hash%numberShards]
	s.mu.Lock()
	num := s.of(v, hash>>numberShardBits)
	s.mu.Unlock()
	return num<<numberShardBits | int32(hash%numberShards)
}

// strings gives the strings with these numbers; empty ones where none has it.
func (n *Numbering) strings(numbers []int32) []string {
	var strs [numberShards][]string // what there is of them stays as it is
	for i := range n.shards {
		s := &n.shards[i]
		s.mu.Lock()
		strs[i] = s.strs
		s.mu.Unlock()
	}
	out := make([]string, len(numbers))
	for i, number := range numbers {
		if of, at := strs[number%numberShards], int(number>>numberShardBits); at < len(of) {
			out[i] = of[at]
		}
	}
	return out
}

func (s *numberShard) of(v string, hash uint32) int32 {
	if len(s.strs)*4 >= len(s.slots)*3 {
		s.grow()
	}
	mask := uint32(len(s.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := &s.slots[i]
		switch {
		case slot.num == 0:
			s.strs, s.hash = append(s.strs, s.keep(v)), append(s.hash, hash)
			*slot = strSlot{hash, int32(len(s.strs))}
			return slot.num - 1
		case slot.hash == hash && s.strs[slot.num-1] == v:
			return slot.num - 1
		}
	}
}

// Most is above all numbers that have been given.
func (n *Numbering) Most() int {
	most := 0
	for i := range n.shards {
		s := &n.shards[i]
		s.mu.Lock()
		most = max(most, len(s.strs))
		s.mu.Unlock()
	}
	return most << numberShardBits
}

func (s *numberShard) grow() {
	s.slots = make([]strSlot, grown(len(s.slots)))
	mask := uint32(len(s.slots) - 1)
	for num, hash := range s.hash {
		i := hash & mask
		for s.slots[i].num != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = strSlot{hash, int32(num) + 1}
	}
}

// Size is the memory held, in bytes.
func (n *Numbering) Size() int64 {
	total := int64(0)
	for i := range n.shards {
		s := &n.shards[i]
		s.mu.Lock()
		total += int64(s.bytes + 16*cap(s.strs) + 4*cap(s.hash) + 8*cap(s.slots))
		s.mu.Unlock()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return total + n.codes
}

// Numberings are those of the columns of a database. What they hold is
// bounded: the one used longest ago goes first.
type Numberings struct {
	mu    sync.Mutex
	limit int64
	held  []heldNumbering // the one used last is the last
}

type heldNumbering struct {
	table  string
	column int
	*Numbering
}

// NewNumberings makes room for so many bytes.
func NewNumberings(limit int64) *Numberings { return &Numberings{limit: limit} }

// Size is the memory held, in bytes.
func (n *Numberings) Size() (total int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, h := range n.held {
		total += h.Size()
	}
	return total
}

// Of returns the numbering of a column; on nil, one that is not kept.
func (n *Numberings) Of(table string, column int) *Numbering {
	if n == nil {
		return NewNumbering()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	room := n.limit
	var kept []heldNumbering
	found := heldNumbering{table: table, column: column}
	for i := len(n.held) - 1; i >= 0; i-- {
		h := n.held[i]
		if room -= h.Size(); room < 0 {
			room += h.Size()
			continue
		}
		if h.table == table && h.column == column {
			found = h
			continue
		}
		kept = append(kept, h)
	}
	if found.Numbering == nil {
		found.Numbering = NewNumbering()
	}
	slices.Reverse(kept)
	n.held = append(kept, found)
	return found.Numbering
}
