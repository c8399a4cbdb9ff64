package op

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// partition runs operators on the rows of each key by themselves, and gives
// all that they make.
// See https://learn.microsoft.com/kusto/query/partition-operator
type partition struct {
	in   Node
	key  expr.Expr
	name string // of the key's column
	sub  *subplan
	// value, where not nil, is what the body knows of the key. It has a source
	// of its own then, and does not read the rows.
	value *expr.Cell
	most  int // keys that there may be; 0 for any number
}

// maxPartitions is how many keys the strategy legacy takes, as in Kusto.
const maxPartitions = 64

func (p *partition) Columns() []table.Column { return p.sub.body.Columns() }
func (p *partition) Inputs() []Node          { return []Node{p.in} }
func (p *partition) bodies() []Node          { return p.sub.bodies() }

func (p *partition) WithInputs(in []Node) Node {
	out := *p
	out.in = in[0]
	return &out
}

func (p *partition) String() string {
	return "partition by " + p.name + " (" + p.sub.body.String() + " …)"
}

// Prune drops what the body makes but nobody reads, then the columns of the
// input that only served for that.
func (p *partition) Prune(need []bool) Node {
	out := *p
	used := make([]bool, len(p.in.Columns()))
	expr.Columns(p.key, used)
	read := make([]bool, len(used))
	if p.value == nil {
		out.sub, read = p.sub.prune(need)
	}
	for i := range used {
		used[i] = used[i] || read[i]
	}
	to := renumber(used)
	out.in, out.key = p.in.Prune(used), expr.Remap(p.key, to)
	if p.value != nil {
		return narrow(&out, need)
	}
	// The body reads what it did, without the key's column where that is more.
	if !allTrue(pick(read, used)) {
		out.sub = out.sub.widened(out.in.Columns(), pick(read, used))
	}
	return &out
}

// widened returns the subplan over rows with more columns, of which it reads
// those where read is true.
func (p *subplan) widened(cols []table.Column, read []bool) *subplan {
	out := &subplan{in: newSlot(cols), deferred: p.deferred}
	narrowed := narrow(out.in, read)
	out.body = Walk(p.body, func(n Node) Node {
		if n == Node(p.in) {
			return narrowed
		}
		return n
	})
	out.prepare()
	return out
}

func (p *partition) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := p.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &partitionStream{node: p, env: env, in: in, held: env.Budget.reserve("partition")}, nil
}

type partitionStream struct {
	node *partition
	env  *Env
	in   Stream
	held *reservation
	done bool
}

func (s *partitionStream) Close() error {
	s.held.release()
	return s.in.Close()
}

func (s *partitionStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	batches, err := drain(ctx, s.in, s.held)
	if err != nil {
		return nil, err
	}
	if len(batches) == 0 {
		return nil, io.EOF
	}
	p := s.node
	b := vec.Concat(batches, Types(p.in.Columns()))
	by := vec.NewGrouper([]table.Type{p.key.Type()})
	ids := by.IDs([]vec.Column{p.key.Clone().Eval(b)}, b.N)
	if p.most > 0 && by.Len() > p.most {
		return nil, fmt.Errorf("partition: the column %s has %d different values, and at most %d are possible; hint.strategy=native takes any number", p.name, by.Len(), p.most)
	}
	if p.value != nil {
		return p.eachKey(ctx, s.env, by.Keys()[0], by.Len())
	}
	out, _, err := p.sub.run(ctx, s.env, b, ids, by.Len())
	return out, err
}

// eachKey runs a body that has its own source for each key.
func (p *partition) eachKey(ctx context.Context, env *Env, keys vec.Column, n int) (*vec.Batch, error) {
	var outs []*vec.Batch
	for i := range n {
		p.value.Col, p.value.Set = vec.Constant(p.key.Type(), keys.Value(i)), true
		out, err := p.sub.one(ctx, env, &vec.Batch{})
		if err != nil {
			return nil, err
		}
		if out.N > 0 {
			outs = append(outs, out)
		}
	}
	return vec.Concat(outs, Types(p.Columns())), nil
}

func (b *Binder) partition(in Node, op *parser.Partition) Node {
	cols := in.Columns()
	key := b.scalar(op.By, &rowScope{cols: cols})
	if key.Type() == table.Unknown {
		return nil
	}
	b.grouped([]expr.Expr{key}, op.By)
	if op.Scope != nil {
		b.fail(op.Scope.Span(), "TM007", "filter the rows before: | where "+resultName(op.By)+" in (…)", "partition by … in … is not supported")
		return nil
	}
	p := &partition{in: in, key: key, name: resultName(op.By), most: maxPartitions}
	if strings.HasPrefix(b.text[op.Span().Start:], "__partitionby") {
		p.most = 0
	}
	if o := op.Options.Get("hint.strategy"); o != nil {
		switch o.Word() {
		case "native", "shuffle":
			p.most = 0
		case "legacy":
		default:
			b.fail(o.Value.Span(), "KS005", "the strategies are legacy, native and shuffle", "there is no strategy of partition named %s", o.Word())
			return nil
		}
	}
	if op.Legacy {
		return b.partitionQuery(p, op)
	}
	id, ok := b.contextID(op.ID)
	if !ok {
		return nil
	}
	if p.sub = b.subquery(op.Body, cols, id); p.sub == nil {
		return nil
	}
	return p
}

// partitionQuery binds partition by X { T | … }: a whole query, in which the
// key's column is a single value.
func (b *Binder) partitionQuery(p *partition, op *parser.Partition) Node {
	p.value = &expr.Cell{}
	start := len(b.deferred)
	outer := b.scope
	b.scope = &scope{outer: outer, names: map[string]entity{p.name: {scalar: &expr.Deferred{Cell: p.value, T: p.key.Type()}}}}
	p.sub = b.subquery(op.Body, nil, "")
	b.scope = outer
	if p.sub == nil {
		return nil
	}
	// All of it runs anew for each key, which any part may read.
	if mine := append([]*Deferred(nil), b.deferred[start:]...); len(mine) > 0 {
		b.own(p.sub, mine, start)
	}
	p.sub.eachShared(func(m *shared) { p.sub.cells = append(p.sub.cells, m.cell) })
	return p
}
