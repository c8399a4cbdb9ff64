package expr

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
	"tidemark/table"
)

// OverDict remembers what a function gives for the values of dictionaries, for
// all goroutines that run a query. One that needs a result while others
// compute it takes a share of the work, so that a large dictionary is done by
// as many as wait for it.
type OverDict struct {
	mu   sync.Mutex
	held []*dictResult // the oldest first
}

// heldDicts is how many dictionaries' results are kept: each worker is at an
// extent of its own, or at most at the next, and one that comes late computes again.
var heldDicts = 2 + 2*runtime.GOMAXPROCS(0)

// dictPart is how many values are a share of the work.
const dictPart = 4096

type dictResult struct {
	values arrow.Array
	next   atomic.Int64
	left   atomic.Int64
	n      int // shares
	parts  []vec.Column
	done   chan struct{}
	col    vec.Column  // once done
	failed atomic.Bool // a share panicked: whoever needs the result computes it and sees why
	pass   sync.Once
	bits   []uint8
	passed int
}

// of returns the entry for a dictionary; with add, it is made where there is none.
func (o *OverDict) of(values arrow.Array, add bool) *dictResult {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := len(o.held) - 1; i >= 0; i-- {
		if vec.SameArray(o.held[i].values, values) {
			return o.held[i]
		}
	}
	if !add {
		return nil
	}
	if len(o.held) == heldDicts {
		o.held = append(o.held[:0], o.held[1:]...)
	}
	parts := max(1, (values.Len()+dictPart-1)/dictPart)
	r := &dictResult{values: values, n: parts, parts: make([]vec.Column, parts), done: make(chan struct{})}
	r.left.Store(int64(parts))
	o.held = append(o.held, r)
	return r
}

// Has reports whether the results for a dictionary are there or under way.
func (o *OverDict) Has(values arrow.Array) bool { return o.of(values, false) != nil }

// Column returns the results for the values of a dictionary, a row each. f is
// called for parts of them; t is the type of its result.
func (o *OverDict) Column(values arrow.Array, t table.Type, f func(values vec.Column, n int) vec.Column) vec.Column {
	r := o.of(values, true)
	r.work(t, f)
	<-r.done
	if r.failed.Load() {
		return f(vec.Column{Arr: values}, values.Len())
	}
	return r.col
}

func (r *dictResult) work(t table.Type, f func(values vec.Column, n int) vec.Column) {
	for {
		part := int(r.next.Add(1)) - 1
		if part >= r.n {
			return
		}
		r.one(part, t, f)
	}
}

func (r *dictResult) one(part int, t table.Type, f func(values vec.Column, n int) vec.Column) {
	ok := false
	defer func() {
		if !ok {
			r.failed.Store(true)
		}
		if r.left.Add(-1) == 0 {
			if !r.failed.Load() {
				r.col = r.joined(t)
			}
			close(r.done)
		}
	}()
	a, b := part*dictPart, min((part+1)*dictPart, r.values.Len())
	values := vec.Column{Arr: array.NewSlice(r.values, int64(a), int64(b))}
	if r.n == 1 {
		values.Arr = r.values
	}
	r.parts[part] = f(values, b-a)
	ok = true
}

// joined puts the parts together. Strings that come again and again become a
// dictionary, so that what is done with them next is done once for each.
func (r *dictResult) joined(t table.Type) vec.Column {
	batches := make([]*vec.Batch, len(r.parts))
	for i, c := range r.parts {
		n := min(dictPart, r.values.Len()-i*dictPart)
		batches[i] = &vec.Batch{Cols: []vec.Column{c}, N: n}
	}
	r.parts = nil
	c := vec.Concat(batches, []table.Type{t}).Cols[0]
	if s, ok := c.Arr.(*array.String); ok && !c.Const && t == table.String {
		c.Arr = vec.EncodeArray(s)
	}
	return c
}

// Pass returns 0 or 1 for each value of a dictionary, where f gives a bool,
// and how many are 1.
func (o *OverDict) Pass(values arrow.Array, f func(values vec.Column, n int) vec.Column) ([]uint8, int) {
	c := o.Column(values, table.Bool, f)
	r := o.of(values, false)
	if r == nil { // others have pushed it out meanwhile
		r = &dictResult{}
	}
	r.pass.Do(func() {
		r.bits = make([]uint8, values.Len())
		for _, i := range vec.Selected(c, values.Len()) {
			r.bits[i] = 1
			r.passed++
		}
	})
	return r.bits, r.passed
}
