package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tidemark/table"
)

// list is all that a computer has of one kind at a time.
type list struct {
	kind     *kind
	scope    string // what was asked, where a computer is asked for several lists of a kind
	source   string // name of the input, which tells computers apart that have no name
	agent    string // AgentFormat of the changes
	computer string
	at       table.Time
	snapshot bool // sent because its time had come, not because of a change
	items    []item
	// partial says that something of the list could not be read, nobody knows
	// what. What is not in the items may be there all the same.
	partial bool
	// held are the keys of items that are there but could not be read.
	held         map[string]bool
	line, offset int64          // of the record
	ids          map[string]int // how often an EventId has come in a message's list; nil in inventories
}

// item is an element of a list.
type item struct {
	key    string   // tells it from the others of the list
	name   string   // path, package or daemon
	values []string // by kind.fields; nil for one that is there but could not be read
}

// value is a value of an item that may not be there.
func (it *item) value(i int) string {
	if it == nil {
		return ""
	}
	return it.values[i]
}

func (it *item) equal(o *item) bool { return it.name == o.name && slices.Equal(it.values, o.values) }

// ident tells items from all that differ.
func (it *item) ident() string {
	b := strconv.AppendQuote(nil, it.name)
	for _, v := range it.values {
		b = strconv.AppendQuote(b, v)
	}
	return string(b)
}

// failed notes that an item could not be read: that of the key, or an unknown
// one where the key is empty.
func (n *list) failed(key string) {
	if key == "" {
		n.partial = true
		return
	}
	if n.held == nil {
		n.held = map[string]bool{}
	}
	n.held[key] = true
}

// empty reports whether nothing is known of the list. An agent that fails
// sends an empty one: it is not taken for the end of everything.
func (n *list) empty() bool { return len(n.items) == 0 && len(n.held) == 0 }

// mark is the name under which the last list of this computer and kind is
// kept.
func (n *list) mark() string {
	name := "ingest/list/" + n.kind.name + "/" + markEscape.Replace(n.computer)
	if n.computer == "" {
		name += "/" + markEscape.Replace(n.source)
	}
	if n.scope != "" {
		name += "/" + markEscape.Replace(n.scope)
	}
	return name
}

// markEscape keeps the parts of the names of marks apart.
var markEscape = strings.NewReplacer("%", "%25", "/", "%2F")

// join makes one list of two of the same computer, kind and time.
func (n *list) join(o *list) {
	count := func(items []item) map[string]int {
		had := make(map[string]int, len(items))
		for i := range items {
			had[items[i].key+"\x00"+items[i].ident()]++
		}
		return had
	}
	have, more := count(n.items), map[string]int{}
	for _, it := range o.items {
		id := it.key + "\x00" + it.ident()
		if more[id]++; more[id] > have[id] {
			n.items = append(n.items, it)
		}
	}
	for key := range o.held {
		n.failed(key)
	}
	n.partial = n.partial || o.partial
	n.snapshot = n.snapshot && o.snapshot
}

// inventory notes a list, to be compared when its rows are stored. One that
// the record under way has a part of already is joined to it.
func (w *writer) inventory(n *list) {
	n.offset, n.source = w.offset, w.options.Source
	for i := len(w.lists) - 1; i >= 0 && w.lists[i].offset == n.offset; i-- {
		if o := w.lists[i]; o.at == n.at && o.mark() == n.mark() {
			o.join(n)
			return
		}
	}
	w.lists = append(w.lists, n)
}

// tracker compares lists with the ones before of the same computer and kind,
// which it keeps in marks: nothing stays in memory.
type tracker struct {
	dst  table.Appender
	size int // of the marks that have been added
}

// compare adds to ConfigurationChange what differs between a list and the one
// before, and makes it the one before.
//
// Once the table of changes has been emptied, a list that is not newer than the
// last one is loaded again: it is a first list.
//
// The first list makes no changes. Neither does one that is older than the one
// before. One of the same time is a part of it: what it has beyond it has
// come, nothing has gone. A snapshot of an agent that also sends lists when
// something changes makes none either: the agent goes on to compare with the
// list that it sent before the snapshot, and sends what has changed since.
func (t *tracker) compare(ctx context.Context, n *list, w *writer, marks map[string][]byte) error {
	if n.empty() {
		return nil
	}
	last, err := t.last(n, marks)
	if err != nil {
		return fmt.Errorf("read the last list of %s: %w", n.computer, err)
	}
	epoch := w.epochs.of(w.changes())
	next := &known{at: n.at, first: n.at, sent: !n.snapshot, open: n.partial, epoch: epoch}
	if last != nil {
		next.gen, next.pieces, next.old = last.gen, last.pieces, last.old
		if last.epoch != epoch && last.epoch != anyEpoch && n.at <= last.at {
			last = nil
		}
	}
	if last != nil && (n.at < last.at || n.snapshot && last.sent) {
		return nil
	}
	if last == nil {
		last = &known{at: n.at, first: n.at, open: true}
	} else {
		next.first, next.sent = last.first, next.sent || last.sent
		next.open = last.open && (n.partial || n.at == last.at)
	}
	c := &comparison{list: n, last: last, next: next, w: w, same: true, ids: map[string]int{}}
	c.run()
	if err := t.keep(ctx, n, next, c.same && !next.old, marks); err != nil {
		return fmt.Errorf("keep the list of %s: %w", n.computer, err)
	}
	return nil
}

// comparison is of one list with the one before.
type comparison struct {
	list       *list
	last, next *known
	w          *writer
	same       bool // nothing differs
	ids        map[string]int
}

// variants are the items of a key: several versions of a package can be installed
// side by side.
type variants struct {
	old, now []*item
	done     bool
}

func (c *comparison) run() {
	n := c.list
	groups := make(map[string]*variants, max(len(n.items), len(c.last.items)))
	of := func(key string) *variants {
		g := groups[key]
		if g == nil {
			g = &variants{}
			groups[key] = g
		}
		return g
	}
	for i := range c.last.items {
		g := of(c.last.items[i].key)
		g.old = append(g.old, &c.last.items[i])
	}
	for i := range n.items {
		g := of(n.items[i].key)
		g.now = append(g.now, &n.items[i])
	}
	c.next.items = make([]item, 0, len(n.items))
	for _, items := range [][]item{n.items, c.last.items} {
		for i := range items {
			if g := groups[items[i].key]; !g.done {
				g.done = true
				c.settle(items[i].key, g)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(n.held)) {
		if groups[key] == nil {
			c.next.items = append(c.next.items, item{key: key})
			c.same = false
		}
	}
}

// settle finds what has become of the items of a key.
func (c *comparison) settle(key string, g *variants) {
	held := c.list.held[key] || c.list.partial || c.list.at == c.last.at
	for _, it := range g.now {
		c.next.items = append(c.next.items, *it)
	}
	if len(g.old) == 1 && len(g.now) == 1 && g.old[0].values != nil {
		if !g.old[0].equal(g.now[0]) {
			c.one(g.old[0], g.now[0])
		}
		return
	}
	old, now := c.rest(g)
	for _, it := range old {
		switch {
		case held:
			c.next.items = append(c.next.items, *it)
		case it.values == nil:
			c.same = false
		default:
			c.row(it, nil)
		}
	}
	for _, it := range now {
		c.row(nil, it)
	}
}

// one settles a key that one item had and one has. At the same time both are
// there.
func (c *comparison) one(old, now *item) {
	if c.list.at == c.last.at {
		c.next.items = append(c.next.items, *old)
		c.row(nil, now)
		return
	}
	c.row(old, now)
}

// rest writes the changes of a key with several items as far as it is sure
// what has become of which, and returns the others: those that are equal have
// stayed, and where an architecture has one item before and after that one has
// changed.
func (c *comparison) rest(g *variants) (old, now []*item) {
	stayed, was, is := map[string]int{}, map[string]int{}, map[string]int{}
	left := map[string]*item{} // by architecture, of those before
	arch := slices.Index(c.list.kind.fields, "Architecture")
	of := func(it *item) string {
		if arch < 0 {
			return ""
		}
		return it.value(arch)
	}
	for _, it := range g.now {
		stayed[it.ident()]++
		is[of(it)]++
	}
	var unread []*item // could have been any of those that have come
	for _, it := range g.old {
		if it.values == nil {
			unread = append(unread, it)
			continue
		}
		was[of(it)]++
		if id := it.ident(); stayed[id] > 0 {
			stayed[id]--
			continue
		}
		left[of(it)] = it
		old = append(old, it)
	}
	for i := len(g.now) - 1; i >= 0; i-- { // the last of equal ones are those that have come
		it := g.now[i]
		id := it.ident()
		before := left[of(it)]
		switch {
		case stayed[id] == 0:
		case was[of(it)] == 1 && is[of(it)] == 1 && before != nil && c.list.at != c.last.at:
			stayed[id]--
			old = slices.DeleteFunc(old, func(o *item) bool { return o == before })
			c.row(before, it)
		case len(unread) > 0:
			stayed[id]--
			unread = unread[1:]
			c.same = false
		default:
			stayed[id]--
			now = append(now, it)
		}
	}
	slices.Reverse(now)
	return append(old, unread...), now
}

// row writes the row that tells how an item has changed: old is nil for a new
// one, it is nil for one that is gone. What comes with the first list, or
// makes it complete, has not changed.
func (c *comparison) row(old, it *item) {
	c.same = false
	if old == nil && c.last.open || c.list.at == c.last.first {
		return
	}
	one := it
	if it == nil {
		one = old
	}
	c.w.reject([]byte(one.key), c.change(old, it))
}

func (c *comparison) change(old, it *item) error {
	n, category, one := c.list, modified, it
	switch {
	case old == nil:
		category = added
	case it == nil:
		category, one = removed, old
	}
	r, err := c.w.change(n.kind.name, category)
	if err != nil {
		return err
	}
	r.datetime("TimeGenerated", n.at)
	r.text("Computer", n.computer)
	n.kind.differ(r, old, it)
	n.kind.constants(r)
	id := n.eventID(category, one)
	if c.ids[id]++; c.ids[id] > 1 {
		id += "-" + strconv.Itoa(c.ids[id])
	}
	r.text("EventId", id)
	return r.finish(&origin{format: n.agent, detected: "scan", now: c.w.now})
}
