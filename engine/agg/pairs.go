package agg

import "math/bits"

// pairs is a set of pairs of a group and a number. While groups and numbers are
// few it has a bit for each pair that there may be; later it is a table by open
// addressing.
type pairs struct {
	bits  []uint64 // bit number&(1<<width-1) of row group
	width uint8    // of a row of bits, as a power of two
	slots []uint64 // group<<32 + number + 1, or 0
	n     int
}

// maxBits is how many bits there are at most: 8 MiB of them.
const maxBits = 1 << 26

// room makes the bits enough for so many groups and numbers, or goes over to
// the table where they would be too many. It reports whether there are bits.
func (p *pairs) room(groups, numbers int) bool {
	if p.slots != nil {
		return false
	}
	if numbers <= 1<<p.width && groups<<p.width <= 64*len(p.bits) {
		return true
	}
	width := max(p.width, 3)
	groups = max(groups, 64*len(p.bits)>>p.width) // those that have a row
	for numbers > 1<<width {
		width++
	}
	if groups<<width > maxBits {
		p.spread()
		return false
	}
	old := *p
	p.bits, p.width = make([]uint64, (min(maxBits, 2*groups<<width)+63)/64), width
	old.each(func(group, number int32) {
		at := uint(group)<<width | uint(number)
		p.bits[at>>6] |= 1 << (at & 63)
	})
	return true
}

// spread goes over to the table.
func (p *pairs) spread() {
	old := *p
	p.bits, p.n = nil, 0
	p.slots = make([]uint64, 64)
	old.each(func(group, number int32) { p.add(group, number) })
}

// quick reports whether a pair is known to be in the set, where that can be
// told at once. There must be room for it.
func (p *pairs) quick(group, number int32) bool {
	if p.bits == nil {
		return false
	}
	at := uint(group)<<p.width | uint(number)
	return p.bits[at>>6]>>(at&63)&1 == 1
}

// add puts a pair into the set and reports whether it is new.
func (p *pairs) add(group, number int32) bool {
	if p.slots == nil {
		at := uint(group)<<p.width | uint(number)
		if uint(number)>>p.width == 0 && at>>6 < uint(len(p.bits)) {
			w, bit := &p.bits[at>>6], uint64(1)<<(at&63)
			if *w&bit != 0 {
				return false
			}
			*w |= bit
			p.n++
			return true
		}
		if p.room(int(group)+1, int(number)+1); p.slots == nil {
			return p.add(group, number)
		}
	}
	if p.n*4 >= len(p.slots)*3 {
		p.grow()
	}
	key := uint64(group)<<32 + uint64(number) + 1
	i := p.place(key)
	if p.slots[i] == key {
		return false
	}
	p.slots[i] = key
	p.n++
	return true
}

func (p *pairs) grow() {
	old := p.slots
	p.slots = make([]uint64, max(64, 2*len(old)))
	for _, key := range old {
		if key != 0 {
			p.slots[p.place(key)] = key
		}
	}
}

// place is where key is or would be put.
func (p *pairs) place(key uint64) uint64 {
	mask := uint64(len(p.slots) - 1)
	i := key * 0x9e3779b97f4a7c15
	i = (i ^ i>>32) & mask
	for p.slots[i] != 0 && p.slots[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// each calls f for all pairs, in any order.
func (p *pairs) each(f func(group, number int32)) {
	for i, w := range p.bits {
		for ; w != 0; w &= w - 1 {
			at := uint(i)<<6 | uint(bits.TrailingZeros64(w))
			f(int32(at>>p.width), int32(at&(1<<p.width-1)))
		}
	}
	for _, key := range p.slots {
		if key != 0 {
			f(int32((key-1)>>32), int32(uint32(key-1)))
		}
	}
}

func (p *pairs) size() int64 { return 8 * int64(cap(p.slots)+cap(p.bits)) }
