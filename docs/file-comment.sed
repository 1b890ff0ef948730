#!/bin/sed -f
# The plain comment that opens a header becomes the documentation of that file, as it stands: some have pictures. In other
# comments what stands between < and > is no tag.
1i /** \\file\
\\verbatim
1,/^[^/]/{
    s|^// \{0,1\}||
    /^#pragma/i \\\\endverbatim */
}
s|///\(.*\)<\([a-z]*\)>|///\1\\<\2\\>|
