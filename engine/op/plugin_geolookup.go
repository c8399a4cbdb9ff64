package op

import (
	"context"
	"math"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/geo"
	"tidemark/engine/vec"
	"tidemark/table"
)

const placeExample = `datatable(lng:real, lat:real)[5, 3, 50, 50] | evaluate `

func init() {
	last := []string{"return_unmatched", "lookup_area_radius", "return_lookup_key"}
	registerPlugin(Plugin{
		Name: "geo_polygon_lookup", Doc: "Looks up points in a table of GeoJSON polygons: those that hold them, or lie within a radius in metres.",
		Params: append([]string{"LookupTable", "LookupPolygonKey", "SourceLongitude", "SourceLatitude", "radius"}, last...), Least: 4,
		Examples: []fn.Example{{Query: placeExample + `geo_polygon_lookup(datatable(p:dynamic, name:string)[dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}), "here"], p, lng, lat) | project name`, Want: `here`}},
		bind:     func(c *pluginCall) Node { return bindGeoLookup(c, false) },
	})
	registerPlugin(Plugin{
		Name: "geo_line_lookup", Doc: "Looks up points in a table of GeoJSON lines that lie within a radius in metres.",
		Params: append([]string{"LookupTable", "LookupLineKey", "SourceLongitude", "SourceLatitude", "Radius"}, last...), Least: 5,
		Examples: []fn.Example{{Query: placeExample + `geo_line_lookup(datatable(l:dynamic, name:string)[dynamic({"type":"LineString","coordinates":[[5,0],[5,10]]}), "road"], l, lng, lat, 100) | project name`, Want: `road`}},
		bind:     func(c *pluginCall) Node { return bindGeoLookup(c, true) },
	})
}

// geoLookup joins rows with those of a table whose shape is near their point.
type geoLookup struct {
	l, r      Node
	name      string
	lng, lat  expr.Expr
	lines     bool
	radius    float64 // NaN for polygons that must hold the point
	rkey      int
	out       []int // columns of r that are given
	cols      []table.Column
	unmatched bool
}

func bindGeoLookup(c *pluginCall, lines bool) Node {
	right := c.b.tabular(c.args[0])
	if right == nil {
		return nil
	}
	n := &geoLookup{l: c.in, r: visible(right), name: c.plugin.Name, lines: lines}
	other := *c
	other.rs = &rowScope{cols: n.r.Columns()}
	key, ok := other.column(c.args[1])
	if !ok {
		return nil
	}
	if key.T != table.Dynamic {
		c.b.fail(c.args[1].Span(), "KS141", "convert it with parse_json()", "the shapes are GeoJSON, and %s is a %s", key.Name, key.T)
		return nil
	}
	n.rkey = key.Index
	var ok1, ok2, ok3, ok4, keep bool
	n.lng, ok1 = c.degrees(2)
	n.lat, ok2 = c.degrees(3)
	n.radius, ok3 = known(c, 4, table.Real, math.NaN())
	n.unmatched, ok4 = known(c, 5, table.Bool, false)
	_, ok5 := known(c, 6, table.Real, 0.0) // a hint of how to search, which our index does without
	keep, ok6 := known(c, 7, table.Bool, false)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 {
		return nil
	}
	n.cols = slices.Clone(n.l.Columns())
	for i, col := range n.r.Columns() {
		if i != n.rkey || keep {
			col.Name = uniqueName(n.cols, col.Name)
			n.cols, n.out = append(n.cols, col), append(n.out, i)
		}
	}
	return n
}

// degrees binds a longitude or latitude.
func (c *pluginCall) degrees(i int) (expr.Expr, bool) {
	e := c.b.scalar(c.args[i], c.rs)
	switch t := e.Type(); {
	case t == table.Unknown:
		return nil, false
	case !t.IsNumeric() && t != table.Dynamic:
		c.b.fail(c.args[i].Span(), "KS141", "convert it with toreal()", "a number of degrees is expected here, not a %s", t)
		return nil, false
	}
	return c.b.convert(e, table.Real), true
}

func (n *geoLookup) Columns() []table.Column { return n.cols }
func (n *geoLookup) Inputs() []Node          { return []Node{n.l, n.r} }
func (n *geoLookup) String() string          { return "evaluate " + n.name }

func (n *geoLookup) WithInputs(in []Node) Node {
	out := *n
	out.l, out.r = in[0], in[1]
	return &out
}

func (n *geoLookup) Prune(need []bool) Node {
	out := *n
	out.l, out.r = Prune(n.l), Prune(n.r)
	return narrow(&out, need)
}

func (n *geoLookup) Open(ctx context.Context, env *Env) (Stream, error) {
	l, err := n.l.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	r, err := n.r.Open(ctx, env)
	if err != nil {
		l.Close()
		return nil, err
	}
	return &geoStream{Stream: l, node: n, env: env, r: r, at: clones([]expr.Expr{n.lng, n.lat})}, nil
}

// geoStream is the rows of a geoLookup.
type geoStream struct {
	Stream
	node   *geoLookup
	env    *Env
	r      Stream
	at     []expr.Expr
	held   *reservation
	right  *vec.Batch
	shapes []geo.Shape // by row of right; nil where it has none
	index  *geo.Index
}

func (s *geoStream) Close() error {
	if s.held != nil {
		s.held.release()
	}
	if err := s.r.Close(); err != nil {
		s.Stream.Close()
		return err
	}
	return s.Stream.Close()
}

// build reads the table of shapes.
func (s *geoStream) build(ctx context.Context) error {
	s.held = s.env.Budget.reserve("evaluate " + s.node.name)
	batches, err := drain(ctx, s.r, s.held)
	if err != nil {
		return err
	}
	s.right = flat(vec.Concat(batches, Types(s.node.r.Columns())))
	s.shapes = make([]geo.Shape, s.right.N)
	s.index = geo.NewIndex(s.node.radius)
	for row := range s.right.N {
		if shape, ok := s.node.parse(s.right.Cols[s.node.rkey].Str(row)); ok {
			s.shapes[row] = shape
			s.index.Add(int32(row), shape)
		}
	}
	return nil
}

func (n *geoLookup) parse(text string) (geo.Shape, bool) {
	if n.lines {
		return geo.ParseLines(text)
	}
	return geo.ParsePolygons(text)
}

// matches tells a shape from those that only may be near.
func (n *geoLookup) matches(shape geo.Shape, lng, lat float64) bool {
	if p, ok := shape.(*geo.Polygons); ok && math.IsNaN(n.radius) {
		inside, ok := p.Contains(lng, lat)
		return ok && inside
	}
	d, ok := shape.Distance(lng, lat)
	return ok && d <= n.radius
}

func (s *geoStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.index == nil {
		if err := s.build(ctx); err != nil {
			return nil, err
		}
	}
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	at := evalAll(s.at, b)
	var left, right, near []int32
	for row := range b.N {
		before := len(left)
		lng, ok1 := at[0].Value(row).(float64)
		lat, ok2 := at[1].Value(row).(float64)
		if ok1 && ok2 {
			near = s.index.Near(near[:0], lng, lat)
			for _, r := range near {
				if s.node.matches(s.shapes[r], lng, lat) {
					left, right = append(left, int32(row)), append(right, r)
				}
			}
		}
		if s.node.unmatched && len(left) == before {
			left, right = append(left, int32(row)), append(right, -1)
		}
	}
	return s.joined(b, left, right), nil
}

func (s *geoStream) joined(b *vec.Batch, left, right []int32) *vec.Batch {
	out := b.Gather(left)
	types := s.node.r.Columns()
	cols := slices.Clone(out.Cols)
	for _, i := range s.node.out {
		cols = append(cols, s.right.Cols[i].GatherOr(types[i].Type, right, s.right.N))
	}
	return &vec.Batch{N: len(left), Cols: cols}
}
