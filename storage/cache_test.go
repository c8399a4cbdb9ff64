package storage

import "testing"

// TestCacheServes: the bound grows with what is read, and not beyond what the
// machine has; one that was set stays.
func TestCacheServes(t *testing.T) {
	c := &cache{limit: 100, most: 1000}
	for _, x := range []struct{ stored, want int64 }{{50, 100}, {400, 400}, {200, 400}, {5000, 1000}} {
		if c.serve(x.stored); c.limit != x.want {
			t.Errorf("after %d bytes the bound is %d, want %d", x.stored, c.limit, x.want)
		}
	}
	for _, set := range []int64{-1, 1 << 20} {
		c := newCache(set)
		if c.serve(1 << 40); c.limit != set {
			t.Errorf("a bound of %d became %d", set, c.limit)
		}
	}
	if c := newCache(0); c.limit != cacheLeast || c.most < c.limit {
		t.Errorf("the bound is %d of %d where none was set", c.limit, c.most)
	}
}

type weight int64

func (w weight) size() int64 { return int64(w) }

// TestCacheTells: who is told how much is kept is never off by a step.
func TestCacheTells(t *testing.T) {
	told := int64(0)
	c := newCache(10 * cacheStep)
	c.tell = func(bytes int64) { told = bytes }
	for i := range 400 {
		k := cacheKey{page: int32(i)}
		if _, err := c.get(k, func() (sized, error) { return weight(cacheStep / 16 * (1 + i%5)), nil }); err != nil {
			t.Fatal(err)
		}
		if d := c.used - told; d >= cacheStep || -d >= cacheStep {
			t.Fatalf("%d bytes are kept, told were %d", c.used, told)
		}
	}
	if told < 8*cacheStep {
		t.Errorf("told were %d bytes", told)
	}
}

// Whatever the system says, it is no less than the memory of a small machine.
func TestMemoryOfMachine(t *testing.T) {
	if n := MemoryOfMachine(); n != 0 && n < 64<<20 {
		t.Errorf("the machine has %d bytes of memory", n)
	}
}
