package fn

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "parse_user_agent", Family: "parse", Page: "parse-user-agent-function",
		Doc:      "Tells browser, operating system and device from a user agent, as a property bag: whichever of \"browser\", \"os\" and \"device\" are asked for.",
		Examples: []Example{{`print parse_user_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36", "browser").Browser.Family`, `Chrome`}},
		Overloads: []Overload{
			Of2(func(agent, what string) Dyn { return parseAgent(agent, []string{what}) }),
			Of2(func(agent string, what Dyn) Dyn {
				var list []string
				for _, e := range elements(string(what)) {
					list = append(list, dynText(e))
				}
				return parseAgent(agent, list)
			}),
		},
	})
}

// agentRule recognises an agent by a pattern and says the values of the keys,
// in their order: $1, $2, … stand for the groups. Where there is a family
// alone, the groups are the version.
type agentRule struct {
	pattern *regexp.Regexp
	needs   []*needle // every match contains one of them; none where that is not known
	values  []string
}

// agentRules compiles rules: a pattern and its values.
func agentRules(rules [][]string) func() []agentRule {
	return sync.OnceValue(func() []agentRule {
		out := make([]agentRule, len(rules))
		for i, r := range rules {
			tree, err := syntax.Parse(r[0], syntax.Perl)
			if err != nil {
				panic("BUG: " + err.Error())
			}
			out[i] = agentRule{regexp.MustCompile(r[0]), requiredAny(tree.Simplify()), r[1:]}
		}
		return out
	})
}

// agentPart is one of the things that can be asked for.
type agentPart struct {
	ask, member string
	keys        []string
	rules       func() []agentRule // compiled when first asked for
}

var agentParts = []agentPart{
	{"browser", "Browser", []string{"Family", "MajorVersion", "MinorVersion", "Patch"}, agentRules(browserRules)},
	{"os", "OperatingSystem", []string{"Family", "MajorVersion", "MinorVersion", "Patch", "PatchMinor"}, agentRules(systemRules)},
	{"device", "Device", []string{"Family", "Brand", "Model"}, agentRules(deviceRules)},
}

// parseAgent asks for the parts in the order that they are documented in.
func parseAgent(agent string, what []string) Dyn {
	var names []string
	var bags []any
	var types []table.Type
	for _, p := range agentParts {
		for _, w := range what {
			if strings.EqualFold(w, p.ask) {
				names, bags, types = append(names, p.member), append(bags, p.parse(agent)), append(types, table.Dynamic)
				break
			}
		}
	}
	return Dyn(Pack(names, types, bags))
}

// parse gives what the first rule that fits says; the family is Other where
// none does.
func (p *agentPart) parse(agent string) string {
	values := make([]string, len(p.keys))
	values[0] = "Other"
	odd := oddFolds(agent)
	for _, r := range p.rules() {
		if !odd && r.needs != nil && !slices.ContainsFunc(r.needs, func(n *needle) bool { return n.in(agent) }) {
			continue
		}
		at := r.pattern.FindStringSubmatchIndex(agent)
		if at == nil {
			continue
		}
		for i := range values {
			values[i] = ""
			switch {
			case i < len(r.values):
				values[i] = strings.TrimSpace(string(r.pattern.ExpandString(nil, r.values[i], agent, at)))
			case len(r.values) == 1 && 2*i+1 < len(at) && at[2*i] >= 0:
				values[i] = agent[at[2*i]:at[2*i+1]]
			}
		}
		break
	}
	b := []byte{'{'}
	for i, k := range p.keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, k)
		b = append(b, ':')
		b = dyn.AppendString(b, values[i])
	}
	return string(append(b, '}'))
}
