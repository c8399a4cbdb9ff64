package parser

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestCache(t *testing.T) {
	const good, bad = "T | where a == 1 | count", "T | where"
	for _, c := range []*Cache{nil, NewCache()} {
		first, errs := c.Parse(good)
		want, _ := Parse(good)
		if len(errs) > 0 || !reflect.DeepEqual(first, want) {
			t.Errorf("%v: %v, %v", c, first, errs)
		}
		if again, _ := c.Parse(good); (again == first) != (c != nil) {
			t.Error("the tree was parsed again, or kept by nobody")
		}
		for range 2 {
			if _, errs := c.Parse(bad); !errs.Fatal() {
				t.Error("no complaint about", bad)
			}
		}
	}
}

// TestCacheBound keeps the texts that were used last, and none that is long.
func TestCacheBound(t *testing.T) {
	c := NewCache()
	text := func(i int) string {
		return fmt.Sprintf("T | where a == %q", strings.Repeat(fmt.Sprint(i%10), 1000)+fmt.Sprint(i))
	}
	first, _ := c.Parse(text(0))
	for i := range 1000 {
		c.Parse(text(i))
		if again, _ := c.Parse(text(0)); again != first {
			t.Fatal("a text that is always used has gone")
		}
	}
	sum := 0
	for s := range c.trees {
		sum += len(s)
	}
	if sum != c.bytes || sum > cachedBytes || sum < cachedBytes/2 || len(c.trees) != c.recent.Len() {
		t.Errorf("%d trees of %d bytes, %d listed, %d counted", len(c.trees), sum, c.recent.Len(), c.bytes)
	}
	long := "T | where a == '" + strings.Repeat("x", cachedText) + "'"
	a, _ := c.Parse(long)
	if b, _ := c.Parse(long); a == b {
		t.Error("a long text is kept")
	}
}
