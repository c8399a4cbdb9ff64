package vec

import "slices"

// pairing numbers pairs of numbers, from 0 in the order in which they first
// come. While there are few lefts and rights the table has a place for every
// possible pair, so that finding one is a single read; later it hashes.
type pairing struct {
	left, right []int32 // by number
	spread      []uint8 // see Parts

	direct []int32 // number+1 at left<<shift | right
	shift  int
	most   int32 // the greatest left so far
	hashed bool
	tab    intTable
}

// maxDirect is the most places of a direct table: 4 MiB of them, which still
// fit a processor's cache.
const maxDirect = 1 << 20

func (p *pairing) len() int { return len(p.left) }

// join replaces each left number by the number of its pair with right.
func (p *pairing) join(left, right []int32) {
	if len(left) == 0 {
		return
	}
	if !p.hashed {
		p.room(left, right)
	}
	if p.hashed {
		p.joinHashed(left, right)
		return
	}
	direct, shift := p.direct, p.shift
	for i, l := range left {
		place := int(l)<<shift | int(right[i])
		id := direct[place]
		if id == 0 {
			p.left, p.right = append(p.left, l), append(p.right, right[i])
			id = int32(len(p.left))
			direct[place] = id
		}
		left[i] = id - 1
	}
}

// ahead is how many places of a table are asked for before any is looked at: a
// large table is not in the processor's cache, which can wait for several at
// once.
const ahead = 128

func (p *pairing) joinHashed(left, right []int32) {
	for from := 0; from < len(left); from += ahead {
		to := min(len(left), from+ahead)
		p.joinSome(left[from:to], right[from:to])
	}
}

// joinSome is joinHashed for as many as are looked up at once.
func (p *pairing) joinSome(left, right []int32) {
	t := &p.tab
	if t.room(len(left)) {
		p.left, p.right = withRoom(p.left, len(t.slots)*3/4), withRoom(p.right, len(t.slots)*3/4)
	}
	var keys [ahead]uint64
	var seen [ahead]intSlot
	slots, mask := t.slots, uint64(len(t.slots)-1)
	right = right[:len(left)]
	for i, l := range left {
		key := pairKey(l, right[i])
		keys[i&(ahead-1)], seen[i&(ahead-1)] = key, slots[mix(key)&mask]
	}
	for i, l := range left {
		key := keys[i&(ahead-1)]
		if s := seen[i&(ahead-1)]; s.num != 0 && s.key == key {
			left[i] = s.num - 1
			continue
		}
		id, fresh := t.add(key, int32(len(p.left)))
		if fresh {
			p.left, p.right = append(p.left, l), append(p.right, right[i])
		}
		left[i] = id
	}
}

// withRoom gives v room for n in all.
func withRoom[T any](v []T, n int) []T { return slices.Grow(v, max(0, n-len(v))) }

func pairKey(l, r int32) uint64 { return uint64(uint32(l))<<32 | uint64(uint32(r)) }

// find returns the number of a pair, or -1.
func (p *pairing) find(l, r int32) int32 {
	if p.hashed {
		return p.tab.find(pairKey(l, r))
	}
	place := int(l)<<p.shift | int(r)
	if int(r)>>p.shift > 0 || place >= len(p.direct) {
		return -1
	}
	return p.direct[place] - 1
}

// room makes the direct table large enough for these numbers, or goes over to
// hashing where it would be too large.
func (p *pairing) room(left, right []int32) {
	l, r := p.most, int32(0)
	for i, x := range left {
		l, r = max(l, x), max(r, right[i])
	}
	p.most = l
	shift := p.shift
	for int(r)>>shift > 0 {
		shift++
	}
	need := (int(l) + 1) << shift
	if shift == p.shift && need <= len(p.direct) {
		return
	}
	if need > maxDirect {
		p.hash()
		return
	}
	p.direct, p.shift = make([]int32, min(maxDirect, 2*need)), shift
	for id, l := range p.left {
		p.direct[int(l)<<shift|int(p.right[id])] = int32(id) + 1
	}
}

func (p *pairing) hash() {
	p.hashed, p.direct = true, nil
	for id, l := range p.left {
		p.tab.add(pairKey(l, p.right[id]), int32(id))
	}
}

// intTable finds a number by a key of 64 bits, by open addressing.
type intTable struct {
	slots []intSlot // a power of two of them
	n     int
}

type intSlot struct {
	key uint64
	num int32 // number+1; 0: free
}

// room makes room for n more keys, and reports whether the table grew.
func (t *intTable) room(n int) (grew bool) {
	for (t.n+n)*4 >= len(t.slots)*3 {
		t.grow()
		grew = true
	}
	return grew
}

// add returns the number of key; where it has none, it gets num.
func (t *intTable) add(key uint64, num int32) (id int32, fresh bool) {
	if t.n*4 >= len(t.slots)*3 {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	for i := mix(key) & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.num == 0 {
			*s = intSlot{key, num + 1}
			t.n++
			return num, true
		}
		if s.key == key {
			return s.num - 1, false
		}
	}
}

func (t *intTable) find(key uint64) int32 {
	if len(t.slots) == 0 {
		return -1
	}
	mask := uint64(len(t.slots) - 1)
	for i := mix(key) & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s.num == 0 {
			return -1
		}
		if s.key == key {
			return s.num - 1
		}
	}
}

func (t *intTable) grow() {
	old := t.slots
	t.slots = make([]intSlot, grown(len(old)))
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.num == 0 {
			continue
		}
		i := mix(s.key) & mask
		for t.slots[i].num != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// mix spreads keys that differ in any of their bits over the low ones.
func mix(key uint64) uint64 {
	key *= 0x9e3779b97f4a7c15
	return key ^ key>>32
}

// grown is the next size of a table: a large one is cleared and filled again
// less far beyond what it needs.
func grown(slots int) int {
	if slots < 1<<14 {
		return max(16, 4*slots)
	}
	return 2 * slots
}
