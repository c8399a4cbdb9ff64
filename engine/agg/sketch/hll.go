// Package sketch holds the two summaries of many values that KQL has as
// dynamic values: HyperLogLog for counting distinct values, and t-digest for
// percentiles. Aggregations make and merge them, scalar functions read them.
package sketch

import (
	"encoding/base64"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"tidemark/internal/wire"
)

// HLL counts distinct values by their hashes: exactly while there are few, by
// registers once the hashes would take more memory than those. What it holds
// depends on the set of hashes alone, not on their order or how they were
// split, so results are the same however rows were shared out.
// See https://arxiv.org/abs/1702.01284 for the estimate.
type HLL struct {
	bits  uint8
	n     int32
	slots []uint64 // a set by open addressing, 0 for free
	regs  []byte   // instead of slots once there are more than Exact
}

// registerBits by accuracy 0…4: the standard error is 1.6, 0.8, 0.4, 0.28 and
// 0.2 percent, as Kusto documents.
var registerBits = [...]uint8{12, 14, 16, 17, 18}

// NewHLL makes a counter of an accuracy from 0 to 4.
func NewHLL(accuracy int64) HLL { return HLL{bits: registerBits[min(max(accuracy, 0), 4)]} }

// Begin makes the counter an empty one of an accuracy that n hashes are going to
// be added to. It uses memory if that is enough, and returns what it uses, for
// the next time.
func (h *HLL) Begin(accuracy int64, n int, memory []uint64) []uint64 {
	*h = NewHLL(accuracy)
	slots := max(4, 1<<bits.Len(uint(min(n, h.Exact()+1)*4/3)))
	if cap(memory) < slots {
		memory = make([]uint64, slots)
	}
	h.slots = memory[:slots]
	clear(h.slots)
	return memory
}

// Hashes is how many hashes the counter holds, 0 where it has registers.
func (h *HLL) Hashes() int { return int(h.n) }

// Exact is how many distinct values are counted without error: 512, 2,048,
// 8,192, 16,384 and 32,768 for the accuracies from 0 to 4.
func (h *HLL) Exact() int { return 1 << (h.bits - 3) }

// HashString hashes a string.
func HashString(s string) uint64 { return xxhash.Sum64String(s) }

// HashInt hashes an integer; different integers have different hashes.
func HashInt(v int64) uint64 {
	x := uint64(v) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Add counts the value with a hash.
func (h *HLL) Add(hash uint64) {
	if h.regs != nil {
		h.register(hash)
		return
	}
	if hash == 0 {
		hash = 1
	}
	if int(h.n)*4 >= len(h.slots)*3 {
		h.grow()
	}
	mask := uint64(len(h.slots) - 1)
	i := hash & mask
	for h.slots[i] != 0 {
		if h.slots[i] == hash {
			return
		}
		i = (i + 1) & mask
	}
	h.slots[i] = hash
	h.n++
	if int(h.n) > h.Exact() {
		h.spread()
	}
}

// AddAll counts the values with these hashes.
func (h *HLL) AddAll(hashes []uint64) {
	h.makeRoom(len(hashes))
	for i, hash := range hashes {
		if h.regs != nil {
			for _, hash := range hashes[i:] {
				h.register(hash)
			}
			return
		}
		h.Add(hash)
	}
}

// makeRoom makes room for so many hashes more at once, if they will fit.
func (h *HLL) makeRoom(n int) {
	if most := int(h.n) + n; h.regs == nil && most*4 >= len(h.slots)*3 && most <= h.Exact() {
		h.resize(max(4, 1<<bits.Len(uint(most*4/3))))
	}
}

// grow doubles the set.
func (h *HLL) grow() { h.resize(max(4, 2*len(h.slots))) }

func (h *HLL) resize(slots int) {
	old := h.slots
	h.slots = make([]uint64, slots)
	mask := uint64(len(h.slots) - 1)
	for _, hash := range old {
		if hash == 0 {
			continue
		}
		i := hash & mask
		for h.slots[i] != 0 {
			i = (i + 1) & mask
		}
		h.slots[i] = hash
	}
}

// spread goes over to registers.
func (h *HLL) spread() {
	h.regs = make([]byte, 1<<h.bits)
	for _, hash := range h.slots {
		if hash != 0 {
			h.register(hash)
		}
	}
	h.slots, h.n = nil, 0
}

func (h *HLL) register(hash uint64) {
	i := hash >> (64 - h.bits)
	rank := byte(bits.LeadingZeros64(hash<<h.bits|1<<(h.bits-1)) + 1)
	if rank > h.regs[i] {
		h.regs[i] = rank
	}
}

// Merge counts all that o counted. Of two accuracies the lower one stays.
func (h *HLL) Merge(o *HLL) {
	if h.bits != o.bits {
		low := min(h.bits, o.bits)
		h.lower(low)
		c := o.Clone()
		c.lower(low)
		o = &c
	}
	if o.regs == nil {
		h.makeRoom(int(o.n))
		for _, hash := range o.slots {
			if hash != 0 {
				h.Add(hash)
			}
		}
		return
	}
	if h.regs == nil {
		h.spread()
	}
	for i, r := range o.regs {
		h.regs[i] = max(h.regs[i], r)
	}
}

// Clone returns a counter of its own.
func (h *HLL) Clone() HLL {
	c := *h
	c.slots, c.regs = slices.Clone(h.slots), slices.Clone(h.regs)
	return c
}

// lower goes over to fewer registers: the bits that no longer choose the
// register are the first ones that the rank is counted in.
func (h *HLL) lower(to uint8) {
	if to == h.bits {
		return
	}
	if h.regs == nil {
		h.bits = to
		if int(h.n) > h.Exact() {
			h.spread()
		}
		return
	}
	drop := h.bits - to
	regs := make([]byte, 1<<to)
	for i, r := range h.regs {
		if r == 0 {
			continue
		}
		if rest := uint64(i) & (1<<drop - 1); rest != 0 {
			r = byte(bits.LeadingZeros64(rest<<(64-drop)) + 1)
		} else {
			r += byte(drop)
		}
		regs[i>>drop] = max(regs[i>>drop], r)
	}
	h.bits, h.regs = to, regs
}

// Count is the number of distinct values, about.
func (h *HLL) Count() int64 {
	if h.regs == nil {
		return int64(h.n)
	}
	q := 64 - int(h.bits)
	counts := make([]float64, q+2)
	for _, r := range h.regs {
		counts[r]++
	}
	m := float64(len(h.regs))
	z := m * tau(1-counts[q+1]/m)
	for k := q; k >= 1; k-- {
		z = 0.5 * (z + counts[k])
	}
	z += m * sigma(counts[0]/m)
	return int64(math.Round(m * m / (2 * math.Ln2 * z)))
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += x * y
		y += y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == before {
			return z / 3
		}
	}
}

// Size is the memory held besides the struct itself, in bytes.
func (h *HLL) Size() int64 { return 8*int64(cap(h.slots)) + int64(cap(h.regs)) }

// Encode appends the counter for DecodeHLL: more compact than JSON.
func (h *HLL) Encode(b []byte) []byte {
	b = wire.Bool(append(b, h.bits), h.regs != nil)
	if h.regs != nil {
		return wire.Bytes(b, h.regs)
	}
	b = wire.Uint(b, uint64(h.n))
	for _, hash := range h.slots {
		if hash != 0 {
			b = wire.Fixed(b, hash)
		}
	}
	return b
}

// DecodeHLL reads what Encode wrote.
func DecodeHLL(r *wire.Reader) HLL {
	var h HLL
	if head := r.Raw(1); head != nil {
		h.bits = head[0]
	}
	if r.Bool() {
		h.regs = slices.Clone(r.Bytes())
		return h
	}
	for range r.Len(8) {
		h.Add(r.Fixed())
	}
	return h
}

// JSON writes the counter as the dynamic value that hll() gives:
// [[exact,bits],["hash",…],[]], or [[exact,bits],[],["registers"]] in base64.
func (h *HLL) JSON() string {
	return string(h.AppendJSON(make([]byte, 0, 32+23*int(h.n)+4*len(h.regs)/3)))
}

// AppendJSON appends what JSON returns.
func (h *HLL) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, "[["...), int64(h.Exact()), 10)
	b = strconv.AppendInt(append(b, ','), int64(h.bits), 10)
	b = append(b, "],["...)
	if h.regs != nil {
		b = append(b, `],["`...)
		b = base64.StdEncoding.AppendEncode(b, h.regs)
		return append(b, `"]]`...)
	}
	var few [64]uint64
	hashes := few[:0]
	for _, v := range h.slots {
		if v != 0 {
			hashes = append(hashes, v)
		}
	}
	slices.Sort(hashes)
	for i, v := range hashes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = strconv.AppendInt(b, int64(v), 10)
		b = append(b, '"')
	}
	return append(b, "],[]]"...)
}

// ParseHLL reads what JSON wrote, and whether it is such.
func ParseHLL(text string) (h HLL, ok bool) {
	r := reader{rest: text, ok: true}
	r.take("[[")
	var head [2]float64
	sizes := r.numbers(head[:0])
	if !r.ok || len(sizes) != 2 || !slices.ContainsFunc(registerBits[:], func(b uint8) bool { return float64(b) == sizes[1] }) {
		return HLL{}, false
	}
	h.bits = uint8(sizes[1])
	r.take(",[")
	h.makeRoom(strings.Count(r.rest, ","))
	hashes := 0
	for ; r.more(hashes); hashes++ {
		v, err := strconv.ParseInt(r.element(), 10, 64)
		if err != nil {
			return HLL{}, false
		}
		h.Add(uint64(v))
	}
	r.take(",[")
	if !r.more(0) {
		r.take("]")
		return h, r.done()
	}
	var err error
	h.regs, err = base64.StdEncoding.DecodeString(r.element())
	r.take("]]")
	h.slots, h.n = nil, 0
	valid := err == nil && len(h.regs) == 1<<h.bits && slices.Max(h.regs) <= 65-h.bits
	return h, r.done() && valid && hashes == 0
}
