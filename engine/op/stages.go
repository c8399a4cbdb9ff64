package op

import (
	"reflect"

	"tidemark/parser"
)

// stage is how an operator is bound: over its input, which is nil where it
// stands at the beginning of a pipeline.
type stage struct {
	bind func(b *Binder, in Node, op parser.Operator) Node
	// first and piped say where the operator may stand.
	first, piped bool
}

// stages has every operator that runs, by the type of its node.
var stages map[reflect.Type]stage

func init() {
	stages = map[reflect.Type]stage{}
	// Operators that make rows by themselves.
	add(stage{first: true}, func(b *Binder, _ Node, op *parser.Print) Node { return b.print(op) })
	add(stage{first: true}, func(b *Binder, _ Node, op *parser.Range) Node { return b.rangeOf(op) })
	add(stage{first: true}, func(b *Binder, _ Node, op *parser.Find) Node { return b.find(op) })
	add(stage{first: true}, func(b *Binder, _ Node, op *parser.MacroExpand) Node { return b.macroExpand(op) })
	// Operators that may stand first or take rows.
	add(stage{first: true, piped: true}, (*Binder).union)
	add(stage{first: true, piped: true}, (*Binder).search)
	add(stage{first: true, piped: true}, (*Binder).evaluate)
	// Operators that take rows.
	piped((*Binder).where)
	piped(func(b *Binder, in Node, op *parser.Extend) Node { return b.extend(in, op.Columns) })
	piped(func(b *Binder, in Node, op *parser.Serialize) Node { return b.extend(&whole{in: in}, op.Columns) })
	piped((*Binder).project)
	piped((*Binder).projectAway)
	piped((*Binder).projectKeep)
	piped((*Binder).projectRename)
	piped((*Binder).projectReorder)
	piped((*Binder).projectByNames)
	piped((*Binder).summarize)
	piped((*Binder).distinct)
	piped((*Binder).count)
	piped((*Binder).sort)
	piped((*Binder).top)
	piped((*Binder).topNested)
	piped((*Binder).topHitters)
	piped((*Binder).take)
	piped((*Binder).sample)
	piped((*Binder).sampleDistinct)
	piped((*Binder).join)
	piped((*Binder).lookup)
	piped((*Binder).mvExpand)
	piped((*Binder).mvApply)
	piped((*Binder).makeSeries)
	piped((*Binder).parseOperator)
	piped((*Binder).parseKV)
	piped((*Binder).partition)
	piped((*Binder).scan)
	piped((*Binder).reduce)
	piped((*Binder).as)
	piped((*Binder).invoke)
	piped(func(b *Binder, in Node, _ *parser.Getschema) Node { return b.getschema(in) })
	piped(func(_ *Binder, in Node, _ *parser.Consume) Node { return &consume{in: in} })
	piped((*Binder).assertSchema)
	piped(func(_ *Binder, in Node, _ *parser.ExecuteAndCache) Node { return in })
	piped(func(_ *Binder, in Node, _ *parser.Render) Node { return in })
	// Operators that make a graph or read one.
	piped((*Binder).makeGraph)
	piped((*Binder).graphMatch)
	piped((*Binder).graphToTable)
	piped((*Binder).graphMark)
	piped((*Binder).graphWhere)
	piped(func(b *Binder, _ Node, op *parser.Fork) Node { return b.notLast(op) })
	piped(func(b *Binder, _ Node, op *parser.Facet) Node { return b.notLast(op) })
}

func add[T parser.Operator](s stage, bind func(*Binder, Node, T) Node) {
	s.bind = func(b *Binder, in Node, op parser.Operator) Node { return bind(b, in, op.(T)) }
	t := reflect.TypeFor[T]()
	if _, dup := stages[t]; dup {
		panic("BUG: two ways to bind " + t.String())
	}
	stages[t] = s
}

func piped[T parser.Operator](bind func(*Binder, Node, T) Node) { add(stage{piped: true}, bind) }

// operator binds one operator over its input, nil where it stands first.
func (b *Binder) operator(in Node, op parser.Operator) Node {
	s, ok := stages[reflect.TypeOf(op)]
	switch {
	case !ok:
		b.unsupported(op)
		return nil
	case in == nil && !s.first:
		b.fail(keywordSpan(op), "KS176", "name a table first: T | "+op.Keyword()+" …", "%s needs rows to work on", op.Keyword())
		return nil
	case in != nil && !s.piped:
		b.fail(keywordSpan(op), "KS176", "begin a query with it", "%s makes rows by itself and cannot stand after a |", op.Keyword())
		return nil
	case in != nil && !b.suits(in, op):
		return nil
	}
	return s.bind(b, in, op)
}
