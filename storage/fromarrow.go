package storage

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"tidemark/table"
)

// maxStringBytes is how many bytes of distinct strings a column of a tail
// entry or an extent may have: Arrow's offsets are 32 bits.
const maxStringBytes = 1 << 30

// fromArrow copies an array into a column of type t. It fails when the array
// has another layout.
func fromArrow(a arrow.Array, t table.Type) (*column, error) {
	c := &column{n: a.Len(), phys: t.Physical()}
	var err error
	switch a := a.(type) {
	case *array.Boolean:
		err = c.need(table.Bools, a)
		if err == nil {
			c.bits = make([]byte, bitutil.BytesForBits(int64(c.n)))
			for i := 0; i < c.n; i++ {
				bitutil.SetBitTo(c.bits, i, a.IsValid(i) && a.Value(i))
			}
		}
	case *array.Int64:
		if err = c.need(table.Int64s, a); err == nil {
			c.ints = slices.Clone(a.Int64Values())
		}
	case *array.Float64:
		if err = c.need(table.Float64s, a); err == nil {
			c.floats = slices.Clone(a.Float64Values())
		}
	case *array.String:
		if err = c.need(table.Strings, a); err == nil {
			err = c.fromStrings(a, t)
		}
	case *array.Dictionary:
		values, ok := a.Dictionary().(*array.String)
		if err = c.need(table.Strings, a); err == nil && !ok {
			err = fmt.Errorf("dictionary of %s where strings are needed", a.Dictionary().DataType())
		}
		if err == nil {
			err = c.fromDictionary(a, values, t)
		}
	case *array.Null:
		if t == table.String {
			return absentColumn(t, c.n), nil
		}
		return nullColumn(c.phys, c.n), nil
	default:
		err = c.need(255, a)
	}
	if err != nil {
		return nil, err
	}
	if c.phys != table.Strings {
		c.copyNulls(a)
	}
	c.settle()
	return c, nil
}

func (c *column) need(p table.Physical, a arrow.Array) error {
	if c.phys != p {
		return fmt.Errorf("array of %s where %s is needed", a.DataType(), c.phys.Arrow())
	}
	return nil
}

// copyNulls takes over the nulls of a number or bool array and zeroes the
// values under them, so that equal columns are stored as equal bytes.
func (c *column) copyNulls(a arrow.Array) {
	if a.NullN() == 0 {
		return
	}
	c.valid = make([]byte, bitutil.BytesForBits(int64(c.n)))
	for i := 0; i < c.n; i++ {
		if a.IsValid(i) {
			bitutil.SetBit(c.valid, i)
			continue
		}
		c.nulls++
		switch c.phys {
		case table.Int64s:
			c.ints[i] = 0
		case table.Float64s:
			c.floats[i] = 0
		}
	}
}

// settle makes a column whose rows are all the same constant.
func (c *column) settle() {
	if c.nulls == 0 {
		c.valid = nil
	}
	if c.n == 0 || c.constant {
		return
	}
	if c.nulls == c.n {
		*c = *nullColumn(c.phys, c.n)
		return
	}
	if c.nulls > 0 {
		return
	}
	switch c.phys {
	case table.Bools:
		if set := bitutil.CountSetBits(c.bits, 0, c.n); set == 0 || set == c.n {
			c.constant, c.bits = true, []byte{byte(set / c.n)}
		}
	case table.Int64s:
		if allSame(c.ints) {
			c.constant, c.ints = true, []int64{c.ints[0]}
		}
	case table.Float64s:
		if sameBits(c.floats) { // 0 and -0 are not the same, a NaN and itself are
			c.constant, c.floats = true, []float64{c.floats[0]}
		}
	default:
		if c.dict.len() == 1 {
			c.constant, c.codes, c.dict = true, codes{}, c.dict.text()
		}
	}
}

func allSame[T comparable](s []T) bool {
	for _, v := range s[1:] {
		if v != s[0] {
			return false
		}
	}
	return true
}

func sameBits(s []float64) bool {
	for _, v := range s[1:] {
		if math.Float64bits(v) != math.Float64bits(s[0]) {
			return false
		}
	}
	return true
}

// builder assigns codes to strings in order of first sight.
type builder struct {
	slots  []int32  // code + 1 at the place of its hash or behind; 0: none
	hashes []uint64 // by code
	values []string // by code; they alias the input and are copied by finish
	order  []ranked
	hex    byte // the strings are hex digits, packed
}

var (
	builders = sync.Pool{New: func() any { return &builder{slots: make([]int32, leastSlots)} }}
	hashSeed = maphash.MakeSeed()
)

const leastSlots = 256

func (b *builder) code(s string) int32 {
	h := maphash.String(hashSeed, s)
	mask := uint64(len(b.slots) - 1)
	at := h & mask
	for ; b.slots[at] != 0; at = (at + 1) & mask {
		if c := b.slots[at] - 1; b.hashes[c] == h && b.values[c] == s {
			return c
		}
	}
	c := int32(len(b.values))
	b.slots[at] = c + 1
	b.hashes, b.values = append(b.hashes, h), append(b.values, s)
	if 2*len(b.values) > len(b.slots) {
		b.grow()
	}
	return c
}

func (b *builder) grow() {
	n := 2 * len(b.slots)
	if n <= cap(b.slots) {
		b.slots = b.slots[:n]
		clear(b.slots)
	} else {
		b.slots = make([]int32, n)
	}
	mask := uint64(n - 1)
	for c, h := range b.hashes {
		at := h & mask
		for b.slots[at] != 0 {
			at = (at + 1) & mask
		}
		b.slots[at] = int32(c) + 1
	}
}

// reset makes the builder ready for the next column. It begins small again:
// most columns have few strings.
func (b *builder) reset() {
	b.slots = b.slots[:leastSlots]
	clear(b.slots)
	clear(b.values) // they would keep the input
	b.values, b.hashes, b.order = b.values[:0], b.hashes[:0], b.order[:0]
	builders.Put(b)
}

// ranked is a string to be sorted, by its first eight bytes where these differ.
type ranked struct {
	first uint64
	code  int32
}

// sorted returns the strings in ascending order, and the place of each code.
func (b *builder) sorted() (values []string, place []int32) {
	for c, v := range b.values {
		var first [8]byte
		copy(first[:], v)
		b.order = append(b.order, ranked{binary.BigEndian.Uint64(first[:]), int32(c)})
	}
	slices.SortFunc(b.order, func(x, y ranked) int {
		if x.first != y.first {
			return cmp.Compare(x.first, y.first)
		}
		return strings.Compare(b.values[x.code], b.values[y.code])
	})
	values, place = make([]string, len(b.order)), make([]int32, len(b.order))
	for i, r := range b.order {
		values[i], place[r.code] = b.values[r.code], int32(i)
	}
	return values, place
}

// finish sorts the strings seen into a dictionary and gives each row its
// place in it. raw[i] is the code of row i, negative where it is null.
func (b *builder) finish(c *column, raw []int32) error {
	total := 0
	for _, v := range b.values {
		total += len(v)
	}
	if b.hex != dictBytes {
		total *= 2
	}
	if total > maxStringBytes {
		return fmt.Errorf("the strings of one batch take %d bytes, the limit is %d", total, maxStringBytes)
	}
	order, place := b.sorted()
	switch {
	case len(order) == 0:
		c.dict = emptyDict
	case b.hex != dictBytes:
		offsets, data := joinStrings(order)
		c.dict = newHexDict(offsets, data, b.hex)
	default:
		c.dict = dictOf(order...)
	}
	c.codes = newCodes(c.n, len(order))
	if c.nulls > 0 {
		c.valid = make([]byte, bitutil.BytesForBits(int64(c.n)))
	}
	for i, r := range raw {
		if r < 0 {
			continue
		}
		c.codes.set(i, place[r])
		if c.valid != nil {
			bitutil.SetBit(c.valid, i)
		}
	}
	b.reset()
	return nil
}

// reader returns what reads the strings of an array for the builder: as they
// are, or packed where all are hex digits.
func (b *builder) reader(a *array.String) func(i int) string {
	b.hex = dictBytes
	if a.Len() == 0 {
		return a.Value
	}
	form, offsets := hexForm(a.ValueBytes()), a.ValueOffsets()
	if form == dictBytes || !even(offsets) || offsets[0] != 0 {
		return a.Value
	}
	b.hex = form
	packed := packHex(a.ValueBytes())
	return func(i int) string { return textOf(packed[offsets[i]/2 : offsets[i+1]/2]) }
}

// textOf is b as a string without a copy.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (c *column) fromStrings(a *array.String, t table.Type) error {
	b := builders.Get().(*builder)
	raw := make([]int32, c.n)
	value := b.reader(a)
	last, lastCode := "", int32(-1)
	for i := range raw {
		if a.IsNull(i) {
			if t != table.String {
				raw[i] = -1
				c.nulls++
				continue
			}
			raw[i] = b.code("")
			continue
		}
		s := value(i)
		if lastCode < 0 || s != last { // runs are frequent
			last, lastCode = s, b.code(s)
		}
		raw[i] = lastCode
	}
	return b.finish(c, raw)
}

// fromDictionary reads each entry of the dictionary once. Entries that no row
// uses are left out, equal entries become one.
func (c *column) fromDictionary(a *array.Dictionary, values *array.String, t table.Type) error {
	b := builders.Get().(*builder)
	raw := make([]int32, c.n)
	value := b.reader(values)
	known := make([]int32, values.Len()) // code + 1; 0: not seen yet
	for i := range raw {
		v := -1
		if a.IsValid(i) {
			v = a.GetValueIndex(i)
		}
		if v < 0 || values.IsNull(v) {
			if t != table.String {
				raw[i] = -1
				c.nulls++
				continue
			}
			raw[i] = b.code("")
			continue
		}
		if known[v] == 0 {
			known[v] = b.code(value(v)) + 1
		}
		raw[i] = known[v] - 1
	}
	return b.finish(c, raw)
}
