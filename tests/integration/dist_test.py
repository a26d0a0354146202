# SPDX-License-Identifier: Apache-2.0
"""What a release consists of: the target `dist` gives the same octets to two users in two places with nothing in common, and
to who unpacks its tarball, which builds by itself; its bill of materials is one by the rules of SPDX 2.3, and names what the
build looks for. CTest sets MSTR_SOURCE."""
import glob
import hashlib
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

SOURCE = os.environ["MSTR_SOURCE"]
# Nothing of the caller's environment, such as a compiler cache that another user cannot write to.
PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/proc/nonexistent"}
NOBODY = 65534


def run(*command, cwd, umask=0o022, user=None, **env):
    done = subprocess.run(command, cwd=cwd, env={**PLAIN, **env}, umask=umask, user=user, group=user,
                          extra_groups=None if user is None else [], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")
    return done.stdout


def dist(folder, **how):
    """The files that the target makes, name -> octets."""
    run("cmake", "-B", "out", "-DMSTR_PROVIDERS=", cwd=folder, **how)
    run("cmake", "--build", "out", "--target", "dist", cwd=folder, **how)
    made = {}
    for path in glob.glob(os.path.join(folder, "out/dist/*")):
        with open(path, "rb") as file:
            made[os.path.basename(path)] = file.read()
    return made


@unittest.skipUnless(os.path.exists(os.path.join(SOURCE, ".git")), "do not run: this is no checkout")
class Dist(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work)
        os.chmod(cls.work, 0o755)
        cls.first = dist(cls.checkout("one"))
        cls.name, = (name.removesuffix(".tar.gz") for name in cls.first if name.endswith(".tar.gz"))
        cls.bill = json.loads(cls.first[cls.name + ".spdx.json"])

    @classmethod
    def checkout(cls, name, source=SOURCE):
        run("git", "clone", "-q", "--depth", "1", f"file://{source}", name, cwd=cls.work)
        return os.path.join(cls.work, name)

    def test_another_user_makes_the_same_octets_in_another_place(self):
        os.mkdir(os.path.join(self.work, "elsewhere"))
        folder = self.checkout("elsewhere/" + "x" * 40, os.path.join(self.work, "one"))  # of which the commit is the same by all means
        reached = all(os.stat(place).st_mode & stat.S_IXOTH for place in pathlib.Path(folder).parents)
        user = NOBODY if os.getuid() == 0 and reached else None
        if user is not None:
            run("chown", "-R", f"{user}:{user}", folder, cwd=self.work)
        second = dist(folder, umask=0o077, user=user, TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8")
        self.assertEqual(sorted(second), sorted([self.name + ".tar.gz", self.name + ".spdx.json", "SHA256SUMS"]))
        self.assertTrue(second == self.first, {name: hashlib.sha256(octets).hexdigest() for name, octets in second.items()})

    def test_the_tarball_builds_and_makes_itself_without_git(self):
        place = os.path.join(self.work, "unpacked")
        os.mkdir(place)
        tarball = os.path.join(place, "it.tar.gz")
        with open(tarball, "wb") as file:
            file.write(self.first[self.name + ".tar.gz"])
        run("tar", "-xf", tarball, cwd=place, umask=0o027)
        folder = os.path.join(place, self.name)
        again = dist(folder, umask=0o027)
        self.assertTrue(again == self.first, {name: hashlib.sha256(octets).hexdigest() for name, octets in again.items()})
        run("cmake", "--build", "out", "--parallel", "2", cwd=folder)
        self.assertIn(self.name.removeprefix("libmstr-"), run("out/bin/mstr", "--version", cwd=folder))

    def test_the_digests_are_those_of_the_files(self):
        lines = self.first["SHA256SUMS"].decode().splitlines()
        self.assertEqual(lines, [f"{hashlib.sha256(self.first[name]).hexdigest()}  {name}"
                                 for name in (self.name + ".tar.gz", self.name + ".spdx.json")])

    def test_the_bill_of_materials_is_one_of_spdx_2_3(self):
        self.assertEqual(spdx_faults(self.bill), [])
        library = self.bill["packages"][0]
        self.assertEqual(library["checksums"][0]["checksumValue"], hashlib.sha256(self.first[self.name + ".tar.gz"]).hexdigest())
        self.assertEqual(library["externalRefs"][0]["referenceLocator"], "pkg:generic/" + self.name.replace("-", "@"))

    def test_the_bill_of_materials_names_what_the_build_looks_for(self):
        wanted = set()
        for path in glob.glob(os.path.join(SOURCE, "core/cmake/*.cmake")) + glob.glob(os.path.join(SOURCE, "*/*/CMakeLists.txt")):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            wanted |= {"pkg-config: " + name for name in re.findall(r"pkg_check_modules\(\w+(?: [A-Z_]+)* ([\w.-]+\w)", text)}
            wanted |= {"CMake: " + name for name in re.findall(r"find_package\((\w+)", text)}
        told = {package["comment"] for package in self.bill["packages"][1:]}
        self.assertEqual(wanted - {"CMake: PkgConfig", "CMake: Threads", "CMake: libmstr"}, told)

    def test_the_notice_has_the_libraries_and_licences_of_the_bill_of_materials(self):
        with open(os.path.join(SOURCE, "NOTICE"), encoding="utf-8") as file:
            rows = re.findall(r"^\| (\S+) +\| (.*?) +\|", file.read(), re.MULTILINE)[2:]
        self.assertEqual(dict(rows), {one["name"]: one["licenseDeclared"] for one in self.bill["packages"][1:]})


# SPDX 2.3: what an object has to have and what it may have besides, by the chapters 6, 7 and 11 of the specification.
DOCUMENT = ({"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"}, {"packages", "relationships", "comment"})
CREATION = ({"created", "creators"}, {"comment", "licenseListVersion"})
PACKAGE = ({"SPDXID", "name", "downloadLocation"},
           {"versionInfo", "packageFileName", "supplier", "originator", "filesAnalyzed", "checksums", "homepage", "sourceInfo", "licenseConcluded",
            "licenseDeclared", "licenseComments", "copyrightText", "summary", "description", "comment", "externalRefs", "attributionTexts",
            "primaryPackagePurpose", "releaseDate", "builtDate", "validUntilDate"})
RELATIONSHIP = ({"spdxElementId", "relationshipType", "relatedSpdxElement"}, {"comment"})
REFERENCE = ({"referenceCategory", "referenceType", "referenceLocator"}, {"comment"})
CHECKSUM = ({"algorithm", "checksumValue"}, set())
RELATIONS = set("""DESCRIBES DESCRIBED_BY CONTAINS CONTAINED_BY DEPENDS_ON DEPENDENCY_OF DEPENDENCY_MANIFEST_OF BUILD_DEPENDENCY_OF
    DEV_DEPENDENCY_OF OPTIONAL_DEPENDENCY_OF PROVIDED_DEPENDENCY_OF TEST_DEPENDENCY_OF RUNTIME_DEPENDENCY_OF EXAMPLE_OF GENERATES GENERATED_FROM
    ANCESTOR_OF DESCENDANT_OF VARIANT_OF DISTRIBUTION_ARTIFACT PATCH_FOR PATCH_APPLIED COPY_OF FILE_ADDED FILE_DELETED FILE_MODIFIED
    EXPANDED_FROM_ARCHIVE DYNAMIC_LINK STATIC_LINK DATA_FILE_OF TEST_CASE_OF BUILD_TOOL_OF DEV_TOOL_OF TEST_OF TEST_TOOL_OF DOCUMENTATION_OF
    OPTIONAL_COMPONENT_OF METAFILE_OF PACKAGE_OF AMENDS PREREQUISITE_FOR HAS_PREREQUISITE REQUIREMENT_DESCRIPTION_FOR SPECIFICATION_FOR
    OTHER""".split())
PURPOSES = set("APPLICATION FRAMEWORK LIBRARY CONTAINER OPERATING-SYSTEM DEVICE FIRMWARE SOURCE ARCHIVE FILE INSTALL OTHER".split())
DIGITS = {"SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128, "MD5": 32}
# Identifiers of the licence list that we use, and of its exceptions.
LICENCES, EXCEPTIONS = {"Apache-2.0", "BSD-3-Clause", "MIT", "curl", "LGPL-2.0-or-later", "LGPL-2.1-or-later", "Zlib"}, {"Libtool-exception"}
AGENT = re.compile(r"(Person|Organization): .+|NOASSERTION")
URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s#]+")


def licence_is_good(text):
    one = re.compile(r"(\S+?)\+?(?: WITH (\S+))?")
    parts = [one.fullmatch(part) for part in re.split(r" (?:AND|OR) ", text)]
    return text in ("NONE", "NOASSERTION") or all(part and part.group(1) in LICENCES and part.group(2) in EXCEPTIONS | {None} for part in parts)


def member_faults(what, value, members):
    required, optional = members
    yield from (f"{what} has no {name}" for name in required - value.keys())
    yield from (f"{what} has the member {name}, which there is not" for name in value.keys() - required - optional)
    yield from (f"{what} has an empty {name}" for name, of in value.items() if of in ("", [], None))


def package_faults(package):
    what = package.get("SPDXID", "a package")
    yield from member_faults(what, package, PACKAGE)
    if package.get("filesAnalyzed") is not False:
        yield f"{what} has files that were analyzed, and no verification code"
    if not (package.get("downloadLocation") in ("NONE", "NOASSERTION") or URL.fullmatch(package.get("downloadLocation", ""))):
        yield f"{what} has a downloadLocation that is none"
    yield from (f"{what} has a {name} that is no agent" for name in ("supplier", "originator") if not AGENT.fullmatch(package.get(name, "NOASSERTION")))
    yield from (f"{what} has a {name} that is no licence" for name in ("licenseConcluded", "licenseDeclared")
                if not licence_is_good(package.get(name, "NONE")))
    if package.get("primaryPackagePurpose", "OTHER") not in PURPOSES or not URL.fullmatch(package.get("homepage", "a://b")):
        yield f"{what} has a purpose or a homepage that is none"
    for checksum in package.get("checksums", []):
        yield from member_faults(what, checksum, CHECKSUM)
        if not re.fullmatch(r"[0-9a-f]{%d}" % DIGITS.get(checksum.get("algorithm"), 0), checksum.get("checksumValue", "")):
            yield f"{what} has a checksum that is none"
    for reference in package.get("externalRefs", []):
        yield from member_faults(what, reference, REFERENCE)
        if (reference.get("referenceCategory"), reference.get("referenceType")) != ("PACKAGE-MANAGER", "purl") or \
                not re.fullmatch(r"pkg:[a-z]+/[\w./-]+(@[\w.+~:-]+)?(\?\S+)?", reference.get("referenceLocator", "")):
            yield f"{what} has a reference that is no package URL"


def relationship_faults(bill, known):
    described = [one for one in bill.get("relationships", []) if (one.get("spdxElementId"), one.get("relationshipType")) == ("SPDXRef-DOCUMENT", "DESCRIBES")]
    if not described:
        yield "the document describes nothing"
    for one in bill.get("relationships", []):
        yield from member_faults("a relationship", one, RELATIONSHIP)
        if one.get("relationshipType") not in RELATIONS or one.get("spdxElementId") not in known or \
                one.get("relatedSpdxElement") not in known | {"NONE", "NOASSERTION"}:
            yield f"there is no such relationship: {one}"


def spdx_faults(bill):
    """What in a document breaks the specification; all that it may say without files, snippets and licences of its own."""
    faults = list(member_faults("the document", bill, DOCUMENT)) + list(member_faults("creationInfo", bill.get("creationInfo", {}), CREATION))
    for name, value in (("spdxVersion", "SPDX-2.3"), ("dataLicense", "CC0-1.0"), ("SPDXID", "SPDXRef-DOCUMENT")):
        if bill.get(name) != value:
            faults.append(f"{name} is not {value}")
    if not URL.fullmatch(bill.get("documentNamespace", "")):
        faults.append("documentNamespace is no absolute URI without #")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill.get("creationInfo", {}).get("created", "")):
        faults.append("created is no time in UTC")
    if not all(re.fullmatch(r"(Person|Organization|Tool): .+", one) for one in bill.get("creationInfo", {}).get("creators", [])):
        faults.append("a creator is no person, organization or tool")
    ids = ["SPDXRef-DOCUMENT"] + [package.get("SPDXID", "") for package in bill.get("packages", [])]
    if len(set(ids)) != len(ids) or not all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one) for one in ids):
        faults.append("an SPDXID is none, or is there twice")
    for package in bill.get("packages", []):
        faults += package_faults(package)
    return faults + list(relationship_faults(bill, set(ids)))


class Spdx(unittest.TestCase):
    """The measure itself."""

    def test_what_breaks_the_specification_is_found(self):
        with open(os.path.join(SOURCE, "core/cmake/sbom.spdx.json.in"), encoding="utf-8") as file:
            text = re.sub(r"@(\w+)@", lambda found: {"digest": "0" * 64, "created": "2026-01-01T00:00:00Z"}.get(found.group(1), "1.0"), file.read())
        self.assertEqual(spdx_faults(json.loads(text)), [])
        for old, new in (("SPDX-2.3", "SPDX-2.2"), ("CC0-1.0", "MIT"), ('"name": "libcurl", ', ""), ('"SPDXRef-libcurl", "name"', '"SPDXRef-json-c", "name"'),
                         ("SPDXRef-json-c\"", "SPDXRef-json_c\""), ("T00:00:00Z", "T00:00:00+01:00"), ("https://libmstr", "libmstr"), ("0" * 64, "0" * 63),
                         ("DYNAMIC_LINK", "LINKS"), ('"relatedSpdxElement": "SPDXRef-json-c"', '"relatedSpdxElement": "SPDXRef-x"'), ('"curl"', '"Curl"'),
                         ("Libtool-exception", "exception"), ("pkg:generic/curl", "curl"), ('"filesAnalyzed": false', '"filesAnalyzed": true'),
                         ("Tool: ", ""), ("DESCRIBES", "CONTAINS"), ('"homepage"', '"home"')):
            self.assertNotEqual(spdx_faults(json.loads(text.replace(old, new))), [], (old, new))


if __name__ == "__main__":
    unittest.main()
