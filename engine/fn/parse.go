package fn

import (
	"strings"

	"tidemark/internal/dyn"
)

// parseFn registers a function that reads a text of some format.
func parseFn(s Scalar, o Overload) {
	s.Family, s.Overloads = "parse", []Overload{o}
	register(s)
}

func init() {
	parseFn(Scalar{Name: "parse_url", Aliases: []string{"parseurl"}, Doc: "Splits an absolute URL into its parts.",
		Examples: []Example{{`print parse_url("https://user:pw@host:1234/a/b?k=v#f").Host`, "host"}}}, Of1(parseURL))
	parseFn(Scalar{Name: "parse_urlquery", Aliases: []string{"parseurlquery"}, Page: "parse-url-function", Doc: "Splits the query of a URL into its parameters.",
		Examples: []Example{{`print parse_urlquery("k1=v1&k2=v2")`, `{"Query Parameters":{"k1":"v1","k2":"v2"}}`}}},
		Of1(func(query string) Dyn {
			b := appendQuery([]byte(`{"Query Parameters":`), strings.TrimPrefix(query, "?"))
			return Dyn(append(b, '}'))
		}))
	parseFn(Scalar{Name: "parse_path", Doc: "Splits the path of a file into its parts.",
		Examples: []Example{{`print parse_path(@"C:\temp\file.txt").Filename`, "file.txt"}}}, Of1(parsePath))
	parseFn(Scalar{Name: "parse_version", Doc: "Makes a number of a version of up to four parts, such that versions compare as the numbers do.",
		Examples: []Example{{`print parse_version("0.0.3")`, "300000000"}}}, Try1(parseVersion))
	parseFn(Scalar{Name: "parse_csv", Naming: ByFirst, Doc: "Splits a record of comma-separated values into an array.",
		Examples: []Example{{`print parse_csv('aa,"b,b",cc')`, `["aa","b,b","cc"]`}}},
		Of1(func(s string) Dyn { return stringArray(csvRecord(s)) }))
	parseFn(Scalar{Name: "parse_command_line", Doc: `Splits a command line into its arguments by the rules of an operating system, of which there is "windows".`,
		Examples: []Example{{`print parse_command_line('echo "hello world!"', "windows")`, `["echo","hello world!"]`}}},
		Try2(func(s Text, system string) (Dyn, bool) {
			if !strings.EqualFold(system, "windows") {
				return "", false
			}
			return stringArray(windowsArgs(string(s))), true
		}))
	parseFn(Scalar{Name: "parse_xml", Naming: ByFirst, Doc: "Reads XML into an object: attributes with @ before their names, repeated elements as an array.",
		Examples: []Example{{`print parse_xml('<e name="value">text</e>')`, `{"e":{"@name":"value","#text":"text"}}`}}}, Try1(parseXML))
}

// appendMember appends "name":"value" with a comma before all but the first.
func appendMember(b []byte, name, value string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = dyn.AppendString(b, name)
	b = append(b, ':')
	return dyn.AppendString(b, value)
}

// parseURL takes apart scheme://user:password@host:port/path?query#fragment.
// What has no scheme has only a query and a fragment.
func parseURL(url string) Dyn {
	rest, fragment, _ := strings.Cut(url, "#")
	rest, query, _ := strings.Cut(rest, "?")
	var host, port, path, user, password string
	scheme, rest, ok := strings.Cut(rest, "://")
	if !ok {
		scheme = ""
	} else {
		var authority string
		authority, path, _ = strings.Cut(rest, "/")
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			user, password, _ = strings.Cut(authority[:at], ":")
			authority = authority[at+1:]
		}
		host = authority
		if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
			host, port = authority[:i], authority[i+1:]
		}
	}
	b := append(make([]byte, 0, onStack), '{')
	b = appendMember(b, "Scheme", scheme)
	b = appendMember(b, "Host", host)
	b = appendMember(b, "Port", port)
	b = appendMember(b, "Path", path)
	b = appendMember(b, "Username", user)
	b = appendMember(b, "Password", password)
	b = appendQuery(append(b, `,"Query Parameters":`...), query)
	b = appendMember(b, "Fragment", fragment)
	return Dyn(append(b, '}'))
}

// appendQuery appends the parameters of k1=v1&k2=v2 as an object, as they are
// written. The last of several of one name counts.
func appendQuery(b []byte, query string) []byte {
	if query == "" {
		return append(b, "{}"...)
	}
	var names []string
	values := map[string]string{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if part == "" {
			continue
		}
		if _, ok := values[name]; !ok {
			names = append(names, name)
		}
		values[name] = value
	}
	b = append(b, '{')
	for _, name := range names {
		b = appendMember(b, name, values[name])
	}
	return append(b, '}')
}

// parsePath takes paths of Windows, with long and shared ones, and others.
func parsePath(path string) Dyn {
	scheme, rest, ok := strings.Cut(path, "://")
	if !ok {
		scheme, rest = "", path
	}
	rest = strings.TrimPrefix(rest, `\\?\`)
	root := ""
	if len(rest) > 1 && rest[1] == ':' && lowers[rest[0]] >= 'a' && lowers[rest[0]] <= 'z' {
		root = rest[:2]
	}
	dir, file := "", rest[len(root):]
	if i := strings.LastIndexAny(rest, `/\`); i >= 0 {
		dir, file = rest[:i], rest[i+1:]
	}
	file, stream, _ := strings.Cut(file, ":")
	dirName := dir[strings.LastIndexAny(dir, `/\`)+1:]
	if dirName == root {
		dirName = ""
	}
	extension := ""
	if i := strings.LastIndexByte(file, '.'); i >= 0 {
		extension = file[i+1:]
	}
	b := append(make([]byte, 0, onStack), '{')
	b = appendMember(b, "Scheme", scheme)
	b = appendMember(b, "RootPath", root)
	b = appendMember(b, "DirectoryPath", dir)
	b = appendMember(b, "DirectoryName", dirName)
	b = appendMember(b, "Filename", file)
	b = appendMember(b, "Extension", extension)
	b = appendMember(b, "AlternateDataStreamName", stream)
	return Dyn(append(b, '}'))
}

// parseVersion writes each part with eight digits.
func parseVersion(version string) (Dec, bool) {
	parts := strings.Split(strings.TrimSpace(version), ".")
	if len(parts) > 4 {
		return "", false
	}
	var b []byte
	for i := range 4 {
		part := ""
		if i < len(parts) {
			if part = parts[i]; part == "" || len(part) > 8 || strings.Trim(part, "0123456789") != "" {
				return "", false
			}
		}
		b = append(b, "00000000"[len(part):]...)
		b = append(b, part...)
	}
	digits := strings.TrimLeft(string(b), "0")
	if digits == "" {
		digits = "0"
	}
	return Dec(digits), true
}

// csvRecord splits the first record of s. A quote that opens a field closes
// at the next single one; two stand for one.
func csvRecord(s string) []string {
	var out []string
	for i := 0; ; i++ {
		var field []byte
		if i < len(s) && s[i] == '"' {
			for i++; i < len(s); i++ {
				if s[i] == '"' {
					if i+1 == len(s) || s[i+1] != '"' {
						i++
						break
					}
					i++
				}
				field = append(field, s[i])
			}
		}
		start := i
		for i < len(s) && s[i] != ',' && s[i] != '\n' && s[i] != '\r' {
			i++
		}
		out = append(out, string(append(field, s[start:i]...)))
		if i == len(s) || s[i] != ',' {
			return out
		}
	}
}

// windowsArgs follows CommandLineToArgvW: in the first argument backslashes
// mean nothing; in others they escape a quote, and two quotes inside quotes
// are one.
func windowsArgs(s string) []string {
	if strings.Trim(s, " \t") == "" {
		return nil
	}
	var first string
	if s[0] == '"' {
		first, s, _ = strings.Cut(s[1:], `"`)
	} else {
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		first, s = s[:end], s[end:]
	}
	out := []string{first}
	for {
		if s = strings.TrimLeft(s, " \t"); s == "" {
			return out
		}
		var arg string
		arg, s = windowsArg(s)
		out = append(out, arg)
	}
}

func windowsArg(s string) (arg, rest string) {
	var b []byte
	quoted := false
	for i := 0; i < len(s); {
		slashes := 0
		for i < len(s) && s[i] == '\\' {
			slashes++
			i++
		}
		if slashes > 0 && (i == len(s) || s[i] != '"') {
			b = append(b, strings.Repeat(`\`, slashes)...)
			continue
		}
		b = append(b, strings.Repeat(`\`, slashes/2)...)
		switch c := s[i]; {
		case c == '"' && slashes%2 == 1:
			b = append(b, '"')
		case c == '"' && quoted && i+1 < len(s) && s[i+1] == '"':
			b = append(b, '"')
			i++
		case c == '"':
			quoted = !quoted
		case (c == ' ' || c == '\t') && !quoted:
			return string(b), s[i:]
		default:
			b = append(b, c)
		}
		i++
	}
	return string(b), ""
}
