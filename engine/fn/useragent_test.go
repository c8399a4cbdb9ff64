package fn

import (
	"regexp/syntax"
	"testing"
)

func TestUserAgents(t *testing.T) {
	const (
		edge    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.61"
		mac     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15"
		galaxy  = "Mozilla/5.0 (Linux; Android 13; SM-S908B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36"
		phone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 14_4_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0.3 Mobile/15E148 Safari/604.1"
		symbian = "Mozilla/5.0 (SymbianOS/9.2; U; Series60/3.1 NokiaN81-3/10.0.032 Profile/MIDP-2.0 Configuration/CLDC-1.1 ) AppleWebKit/413 (KHTML, like Gecko) Safari/4"
		crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
	)
	for _, c := range []struct{ agent, ask, want string }{
		{edge, "browser", `{"Browser":{"Family":"Edge","MajorVersion":"120","MinorVersion":"0","Patch":"2210"}}`},
		{edge, "os", `{"OperatingSystem":{"Family":"Windows","MajorVersion":"10","MinorVersion":"","Patch":"","PatchMinor":""}}`},
		{edge, "device", `{"Device":{"Family":"Other","Brand":"","Model":""}}`},
		{mac, "browser", `{"Browser":{"Family":"Safari","MajorVersion":"17","MinorVersion":"1","Patch":""}}`},
		{mac, "os", `{"OperatingSystem":{"Family":"Mac OS X","MajorVersion":"10","MinorVersion":"15","Patch":"7","PatchMinor":""}}`},
		{galaxy, "browser", `{"Browser":{"Family":"Chrome Mobile","MajorVersion":"112","MinorVersion":"0","Patch":"0"}}`},
		{galaxy, "Device", `{"Device":{"Family":"Samsung SM-S908B","Brand":"Samsung","Model":"SM-S908B"}}`},
		{phone, "os", `{"OperatingSystem":{"Family":"iOS","MajorVersion":"14","MinorVersion":"4","Patch":"2","PatchMinor":""}}`},
		{crawler, "browser", `{"Browser":{"Family":"Googlebot","MajorVersion":"2","MinorVersion":"1","Patch":""}}`},
		{"curl/8.4.0", "browser", `{"Browser":{"Family":"curl","MajorVersion":"8","MinorVersion":"4","Patch":"0"}}`},
		{"", "browser", `{"Browser":{"Family":"Other","MajorVersion":"","MinorVersion":"","Patch":""}}`},
		{edge, "colour", `{}`},
	} {
		if got := parseAgent(c.agent, []string{c.ask}); string(got) != c.want {
			t.Errorf("%s of %s: %s, want %s", c.ask, c.agent, got, c.want)
		}
	}
	want := `{"Browser":{"Family":"Nokia OSS Browser","MajorVersion":"3","MinorVersion":"1","Patch":""},"OperatingSystem":{"Family":"Symbian OS","MajorVersion":"9","MinorVersion":"2","Patch":"","PatchMinor":""},"Device":{"Family":"Nokia N81","Brand":"Nokia","Model":"N81-3"}}`
	if got := parseAgent(symbian, []string{"device", "os", "browser"}); string(got) != want {
		t.Errorf("all: %s", got)
	}
}

// A text that a rule is said to need is in all that the rule matches.
func TestAgentNeeds(t *testing.T) {
	for pattern, want := range map[string]int{`a(?:bc|de)f\d`: 2, `(?i)(YandexBot|Applebot|[x-z]+)/`: 0, `OPR/\d|Mobile.*OPR/\d`: 2, `Chrome/\d+`: 1, `\d+`: 0} {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := requiredAny(tree.Simplify()); len(got) != want {
			t.Errorf("%s: %d texts, want %d", pattern, len(got), want)
		}
	}
	for _, agent := range []string{"yandexbot 1.0", "MJ12BOT/2", "OPR/7 Mobile", "Mobile OPR/9.1", "Applebot", "x SLACKBOT-3", "Twitterbot/1.0", "\u017flackbot/2"} {
		for _, r := range agentParts[0].rules() {
			may := r.needs == nil || oddFolds(agent)
			for _, n := range r.needs {
				may = may || n.in(agent)
			}
			if r.pattern.MatchString(agent) && !may {
				t.Errorf("%s is passed over for %s", r.pattern, agent)
			}
		}
	}
}
