package vec

import (
	"hash/maphash"
	"math"
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// keyColumn numbers the distinct values of one key column, by open addressing:
// tables of numbers beside the values themselves.
type keyColumn struct {
	t    table.Type
	null int32 // the number of null, or -1

	ints   []int64 // by number: values that are not strings, reals as their bits
	intTab intTable

	strs   []string // by number; those of a dictionary share its memory
	bytes  int64    // of strs
	arena  []byte   // that the others are copied into
	hashes []uint32
	allMu  sync.Mutex  // rows of groups are made by several goroutines
	all    arrow.Array // strs, once it was asked for
	spread []uint8     // by number; see Parts
	slots  []strSlot   // a power of two of them

	// Where strings have numbers already, those are looked up instead of the
	// strings: local has ours by theirs, or -1, and global theirs by ours.
	numbers *Numbering
	local   []int32
	global  []int32
	given   []int32 // theirs by code of dict, where they have it
	direct  bool    // theirs are ours
	top     int32   // above all of these

	dict   arrow.Array // the dictionary that memo is of
	memo   []int32     // number by code, or -1
	sorted bool        // the dictionary is in ascending order
}

// strSlot is a place of the table of strings: hash and number+1, or 0.
type strSlot struct {
	hash uint32
	num  int32
}

var seed = maphash.MakeSeed()

func newKeyColumn(t table.Type) *keyColumn { return &keyColumn{t: t, null: -1} }

// makeDirect makes numbers those that strings have, and returns these by the
// ones before; nil where strings have none.
func (k *keyColumn) makeDirect() []int32 {
	if k.numbers == nil || k.direct {
		return nil
	}
	to, top := k.global, int32(0)
	for i, number := range to {
		if number < 0 {
			to[i] = k.numbers.Number("") // the null
		}
		top = max(top, to[i]+1)
	}
	*k = keyColumn{t: k.t, null: -1, numbers: k.numbers, direct: true, top: top}
	return to
}

func (k *keyColumn) len() int {
	if k.direct {
		return int(k.top)
	}
	if k.t.Physical() == table.Strings {
		return len(k.strs)
	}
	return len(k.ints)
}

// ofNull gives null a number of its own; the value beside it means nothing.
func (k *keyColumn) ofNull(add bool) int32 {
	if k.direct { // strings are never null
		return k.ofStr("", add)
	}
	if k.null < 0 && add {
		k.null = int32(k.len())
		if k.t.Physical() == table.Strings {
			k.strs, k.hashes, k.global = append(k.strs, ""), append(k.hashes, 0), append(k.global, -1)
		} else {
			k.ints = append(k.ints, 0)
		}
	}
	return k.null
}

// ofInt numbers by key and keeps value for the first row that has it: equal
// reals may have different bits.
func (k *keyColumn) ofInt(key, value int64, add bool) int32 {
	if !add {
		return k.intTab.find(uint64(key))
	}
	id, fresh := k.intTab.add(uint64(key), int32(len(k.ints)))
	if fresh {
		k.ints = append(k.ints, value)
	}
	return id
}

func (k *keyColumn) ofStr(v string, add bool) int32 {
	if k.numbers != nil {
		return k.ofNumber(k.numbers.Number(v), v)
	}
	return k.ofHashed(v, uint32(maphash.String(seed, v)), add)
}

// ofCopy is ofStr for a value whose memory shall not be held on to.
func (k *keyColumn) ofCopy(v string, add bool) int32 {
	n := len(k.strs)
	id := k.ofStr(v, add)
	if len(k.strs) > n {
		k.strs[n] = k.copied(v)
	}
	return id
}

// copied copies a string to where many are beside each other.
func (k *keyColumn) copied(v string) string {
	if len(v) > cap(k.arena)-len(k.arena) {
		k.arena = make([]byte, 0, max(len(v), min(64<<10, 1<<10+2*cap(k.arena))))
	}
	at := len(k.arena)
	k.arena = append(k.arena, v...)
	return unsafe.String(unsafe.SliceData(k.arena[at:]), len(v))
}

func (k *keyColumn) ofHashed(v string, hash uint32, add bool) int32 {
	if len(k.strs)*4 >= len(k.slots)*3 {
		if !add && len(k.slots) == 0 {
			return -1
		}
		if add {
			k.growStrs()
		}
	}
	mask := uint32(len(k.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &k.slots[i]
		switch {
		case s.num == 0:
			if !add {
				return -1
			}
			k.strs, k.hashes = append(k.strs, v), append(k.hashes, hash)
			k.bytes += int64(len(v))
			*s = strSlot{hash, int32(len(k.strs))}
			return s.num - 1
		case s.hash == hash && k.strs[s.num-1] == v:
			return s.num - 1
		}
	}
}

// ofNumber is ofStr for a string that has this number.
func (k *keyColumn) ofNumber(number int32, v string) int32 {
	if k.direct {
		k.top = max(k.top, number+1)
		return number
	}
	if int(number) >= len(k.local) {
		k.local = append(k.local, fill(int32(-1), max(1024, int(number)+1, 2*len(k.local))-len(k.local))...)
	}
	id := k.local[number]
	if id < 0 {
		id = int32(len(k.strs))
		k.local[number] = id
		k.strs, k.hashes, k.global = append(k.strs, v), append(k.hashes, 0), append(k.global, number)
		k.bytes += int64(len(v))
	}
	return id
}

func (k *keyColumn) growStrs() {
	k.slots = make([]strSlot, grown(len(k.slots)))
	mask := uint32(len(k.slots) - 1)
	for num, hash := range k.hashes {
		if int32(num) == k.null {
			continue
		}
		i := hash & mask
		for k.slots[i].num != 0 {
			i = (i + 1) & mask
		}
		k.slots[i] = strSlot{hash, int32(num) + 1}
	}
}

// of returns the number of row i of any form.
func (k *keyColumn) of(c Column, i int, add bool) int32 {
	if c.IsNull(i) {
		return k.ofNull(add)
	}
	switch k.t.Physical() {
	case table.Bools:
		v := int64(0)
		if c.Bool(i) {
			v = 1
		}
		return k.ofInt(v, v, add)
	case table.Int64s:
		return k.ofInt(c.Int64(i), c.Int64(i), add)
	case table.Float64s:
		f := c.Float64(i)
		return k.ofInt(realKey(f), int64(math.Float64bits(f)), add)
	}
	return k.ofCopy(c.Str(i), add)
}

// realKey makes equal reals one key: -0 is 0, and NaN is NaN.
func realKey(f float64) int64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return int64(math.Float64bits(math.NaN()))
	}
	return int64(math.Float64bits(f))
}

// merge returns the number here for each number of o; nil where they are the
// same.
func (k *keyColumn) merge(o *keyColumn) []int32 {
	if k.direct && o.direct && k.numbers == o.numbers {
		k.top = max(k.top, o.top)
		return nil
	}
	out := make([]int32, o.len())
	if o.direct {
		for num, v := range o.numbers.strings(All(len(out))) {
			out[num] = k.ofStr(v, true)
		}
		return out
	}
	for num := range out {
		switch {
		case int32(num) == o.null:
			out[num] = k.ofNull(true)
		case k.numbers != nil && k.numbers == o.numbers:
			out[num] = k.ofNumber(o.global[num], o.strs[num])
		case k.numbers != nil || o.numbers != nil:
			out[num] = k.ofStr(o.strs[num], true)
		case k.t.Physical() == table.Strings:
			out[num] = k.ofHashed(o.strs[num], o.hashes[num], true)
		case k.t == table.Real:
			v := o.ints[num]
			out[num] = k.ofInt(realKey(math.Float64frombits(uint64(v))), v, true)
		default:
			out[num] = k.ofInt(o.ints[num], o.ints[num], true)
		}
	}
	return out
}

// allStrs gives all strings as an array.
func (k *keyColumn) allStrs() arrow.Array {
	k.allMu.Lock()
	defer k.allMu.Unlock()
	if k.all == nil || k.all.Len() != len(k.strs) {
		k.all = NewStrings(k.strs, nil)
	}
	return k.all
}

// column gives the values with these numbers.
func (k *keyColumn) column(numbers []int32) Column {
	var valid []bool
	if k.null >= 0 && k.t != table.String {
		valid = make([]bool, len(numbers))
		for i, n := range numbers {
			valid[i] = n != k.null
		}
	}
	if k.direct {
		return Column{Arr: NewStrings(k.numbers.strings(numbers), nil)}
	}
	switch k.t.Physical() {
	case table.Strings:
		if valid == nil && len(k.strs) <= len(numbers)/2 {
			return Column{Arr: NewDict(numbers, k.allStrs(), nil)}
		}
		return Column{Arr: NewStrings(take(k.strs, numbers), valid)}
	case table.Float64s:
		out := make([]float64, len(numbers))
		for i, n := range numbers {
			out[i] = math.Float64frombits(uint64(k.ints[n]))
		}
		return Column{Arr: NewFloat64s(out, valid)}
	case table.Bools:
		out := make([]bool, len(numbers))
		for i, n := range numbers {
			out[i] = k.ints[n] != 0
		}
		return Column{Arr: NewBools(out, valid)}
	}
	return Column{Arr: NewInt64s(take(k.ints, numbers), valid)}
}
