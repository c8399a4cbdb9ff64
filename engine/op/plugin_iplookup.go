package op

import (
	"context"
	"net/netip"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

const ipExample = `datatable(ip:string)["10.1.2.3"] | evaluate `

func init() {
	registerPlugin(Plugin{
		Name: "ipv4_lookup", Doc: "Looks up IPv4 addresses in a table of networks.",
		Params: []string{"LookupTable", "SourceIPv4Key", "IPv4LookupKey"}, Least: 3, Rest: "ExtraKey, return_unmatched",
		Examples: []fn.Example{{Query: ipExample + `ipv4_lookup(datatable(net:string, s:string)["10.0.0.0/8", "ten"], ip, net) | project s`, Want: `ten`}},
		bind:     func(c *pluginCall) Node { return bindIPLookup(c, true) },
	})
	registerPlugin(Plugin{
		Name: "ipv6_lookup", Doc: "Looks up IPv6 or IPv4 addresses in a table of networks.",
		Params: []string{"LookupTable", "SourceIPv6Key", "IPv6LookupKey"}, Least: 3, Rest: "return_unmatched",
		Examples: []fn.Example{{Query: ipExample + `ipv6_lookup(datatable(net:string, s:string)["::ffff:10.0.0.0/104", "ten"], ip, net) | project s`, Want: `ten`}},
		bind:     func(c *pluginCall) Node { return bindIPLookup(c, false) },
	})
}

// ipLookup joins rows with those of a table whose network holds their address.
type ipLookup struct {
	l, r      Node
	v4        bool
	lkey      int
	rkey      int
	lmore     []expr.Expr // further keys, which must be equal
	rmore     []expr.Expr
	out       []int // columns of r that are given
	cols      []table.Column
	unmatched bool
}

func bindIPLookup(c *pluginCall, v4 bool) Node {
	right := c.b.tabular(c.args[0])
	if right == nil {
		return nil
	}
	n := &ipLookup{l: c.in, r: visible(right), v4: v4}
	key, ok := c.column(c.args[1])
	if !ok || !c.wantText(c.args[1], key) {
		return nil
	}
	n.lkey = key.Index
	other := *c
	other.rs = &rowScope{cols: n.r.Columns()}
	if key, ok = other.column(c.args[2]); !ok || !c.wantText(c.args[2], key) {
		return nil
	}
	n.rkey = key.Index
	equal, ok := c.ipLookupRest(n)
	if !ok {
		return nil
	}
	n.cols = slices.Clone(n.l.Columns())
	for i, col := range n.r.Columns() {
		if !slices.Contains(equal, i) {
			col.Name = uniqueName(n.cols, col.Name)
			n.cols, n.out = append(n.cols, col), append(n.out, i)
		}
	}
	return n
}

func (c *pluginCall) wantText(x parser.Expr, col *expr.Column) bool {
	if col.T != table.String {
		c.b.fail(x.Span(), "KS141", "convert it with tostring()", "addresses are texts, and %s is a %s", col.Name, col.T)
	}
	return col.T == table.String
}

// ipLookupRest binds the further keys and whether rows without a match stay.
func (c *pluginCall) ipLookupRest(n *ipLookup) (equal []int, ok bool) {
	j := &joined{l: n.l, r: n.r}
	for _, x := range c.rest() {
		if named, ok := x.(*parser.Named); ok {
			x = named.X
		}
		if k, ok := x.(*parser.Name); ok && c.rs.has(k.Name) {
			before := len(c.b.errs)
			c.b.joinKey(j, x)
			if i, ok := (&rowScope{cols: n.r.Columns()}).find(k.Name); ok && len(c.b.errs) == before {
				equal = append(equal, i)
				continue
			}
			return nil, false
		}
		k := c.b.constant(x)
		if k == nil {
			return nil, false
		}
		if n.unmatched, ok = k.Value().(bool); !ok {
			c.b.fail(x.Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "a column of both tables, or return_unmatched = true, is expected here")
			return nil, false
		}
	}
	n.lmore, n.rmore = j.lkeys, j.rkeys
	return equal, true
}

func (n *ipLookup) Columns() []table.Column { return n.cols }
func (n *ipLookup) Inputs() []Node          { return []Node{n.l, n.r} }

func (n *ipLookup) WithInputs(in []Node) Node {
	out := *n
	out.l, out.r = in[0], in[1]
	return &out
}

func (n *ipLookup) Prune(need []bool) Node {
	out := *n
	out.l, out.r = Prune(n.l), Prune(n.r)
	return narrow(&out, need)
}

func (n *ipLookup) String() string {
	return "evaluate ip lookup of " + n.l.Columns()[n.lkey].Name + " in " + n.r.Columns()[n.rkey].Name
}

func (n *ipLookup) Open(ctx context.Context, env *Env) (Stream, error) {
	l, err := n.l.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	r, err := n.r.Open(ctx, env)
	if err != nil {
		l.Close()
		return nil, err
	}
	return &ipStream{Stream: l, node: n, env: env, r: r, lmore: clones(n.lmore)}, nil
}

type ipStream struct {
	Stream
	node  *ipLookup
	env   *Env
	r     Stream
	lmore []expr.Expr
	held  *reservation
	right *vec.Batch
	nets  *networks
	more  *vec.Grouper // the further keys of the right
	ids   []int32      // of those keys, by row
}

func (s *ipStream) Close() error {
	if s.held != nil {
		s.held.release()
	}
	if err := s.r.Close(); err != nil {
		s.Stream.Close()
		return err
	}
	return s.Stream.Close()
}

// build reads the table of networks.
func (s *ipStream) build(ctx context.Context) error {
	s.held = s.env.Budget.reserve("evaluate ip lookup")
	batches, err := drain(ctx, s.r, s.held)
	if err != nil {
		return err
	}
	s.right = flat(vec.Concat(batches, Types(s.node.r.Columns())))
	if len(s.node.rmore) > 0 {
		types := make([]table.Type, len(s.node.rmore))
		for i, e := range s.node.rmore {
			types[i] = e.Type()
		}
		s.more = vec.NewGrouper(types)
		s.ids = s.more.IDs(evalAll(clones(s.node.rmore), s.right), s.right.N)
	}
	s.nets = newNetworks()
	for row := range s.right.N {
		if p, ok := parseNetwork(s.right.Cols[s.node.rkey].Str(row), s.node.v4); ok {
			s.nets.add(p, int32(row))
		}
	}
	return nil
}

func (s *ipStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.nets == nil {
		if err := s.build(ctx); err != nil {
			return nil, err
		}
	}
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int32
	if s.more != nil && b.N > 0 {
		ids = s.more.Find(evalAll(s.lmore, b), b.N)
	}
	var left, right []int32
	key := b.Cols[s.node.lkey]
	for row := range b.N {
		before := len(left)
		if p, ok := parseNetwork(key.Str(row), s.node.v4); ok {
			for _, r := range s.nets.find(p) {
				if ids == nil || ids[row] >= 0 && ids[row] == s.ids[r] {
					left, right = append(left, int32(row)), append(right, r)
				}
			}
		}
		if s.node.unmatched && len(left) == before {
			left, right = append(left, int32(row)), append(right, -1)
		}
	}
	out := b.Gather(left)
	types := s.node.r.Columns()
	cols := slices.Clone(out.Cols)
	for _, i := range s.node.out {
		cols = append(cols, s.right.Cols[i].GatherOr(types[i].Type, right, s.right.N))
	}
	return &vec.Batch{N: len(left), Cols: cols}, nil
}

// parseNetwork reads an address or a network as one of IPv6, in which those of
// IPv4 are mapped.
func parseNetwork(s string, v4 bool) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return p, false
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	} else if v4 {
		return p, false
	}
	return netip.PrefixFrom(netip.AddrFrom16(p.Addr().As16()).WithZone(""), bits).Masked(), true
}

// networks finds the networks that hold an address, or a network that is
// compared up to the shorter of both prefixes.
type networks struct {
	lengths []int
	rows    map[int][]int32                   // by length of the prefix
	nets    map[int32]netip.Prefix            // by row
	index   map[[2]int]map[netip.Addr][]int32 // by length and how much of it counts
}

func newNetworks() *networks {
	return &networks{rows: map[int][]int32{}, nets: map[int32]netip.Prefix{}, index: map[[2]int]map[netip.Addr][]int32{}}
}

func (n *networks) add(p netip.Prefix, row int32) {
	if n.rows[p.Bits()] == nil {
		n.lengths = append(n.lengths, p.Bits())
		slices.Sort(n.lengths)
	}
	n.rows[p.Bits()] = append(n.rows[p.Bits()], row)
	n.nets[row] = p
}

func (n *networks) find(p netip.Prefix) []int32 {
	var out []int32
	for _, length := range n.lengths {
		counts := min(length, p.Bits())
		of := n.index[[2]int{length, counts}]
		if of == nil {
			of = map[netip.Addr][]int32{}
			for _, row := range n.rows[length] {
				cut := netip.PrefixFrom(n.nets[row].Addr(), counts).Masked().Addr()
				of[cut] = append(of[cut], row)
			}
			n.index[[2]int{length, counts}] = of
		}
		out = append(out, of[netip.PrefixFrom(p.Addr(), counts).Masked().Addr()]...)
	}
	slices.Sort(out)
	return out
}
