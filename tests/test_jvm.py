"""Java builds: what poms and Gradle scripts say, alone and together."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from alloclint.project.jvm import builds, catalog, gradle, maven
from alloclint.project.jvm.module import Artifact, Catalog, JvmModule
from alloclint.project.token import Source


@dataclass(frozen=True)
class Read:
    value: object


def settled(files: dict[str, str]) -> dict[str, JvmModule]:
    """The modules of a repository, by path, after they went through a pickle as between processes."""
    parts = []
    for path, text in files.items():
        source = Source(path, text.encode())
        name = path.rpartition("/")[2]
        value: JvmModule | Catalog | None
        if name == "pom.xml":
            value = maven.read(source)
        else:
            value = catalog.read(source) if name.endswith(".toml") else gradle.read(source)
        assert source.damage == []
        parts.append(Read(pickle.loads(pickle.dumps(value))))
    return {one.path: one for one in builds.modules(parts)}


def shown(module: JvmModule) -> list[str]:
    return [f"{one.key}:{one.version}:{one.scope}" for one in module.dependencies]


def the(module: JvmModule, name: str) -> Artifact:
    (found,) = (one for one in module.dependencies if one.name == name)
    return found


# ---------------------------------------------------------------- Maven

PARENT = """
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <groupId>com.example</groupId>
  <artifactId>parent</artifactId>
  <version>1.0</version>
  <packaging>pom</packaging>
  <modules><module>store</module><module>server</module></modules>
  <properties>
    <rocksdb.version>8.10.0</rocksdb.version>
    <maven.compiler.source>1.8</maven.compiler.source>
    <maven.compiler.release>17</maven.compiler.release>
  </properties>
  <dependencyManagement>
    <dependencies>
      <dependency>
        <groupId>org.rocksdb</groupId><artifactId>rocksdbjni</artifactId><version>${rocksdb.version}</version>
      </dependency>
      <dependency>
        <groupId>org.mockito</groupId><artifactId>mockito-core</artifactId><version>5.1</version>
        <scope>test</scope>
      </dependency>
      <dependency>
        <groupId>${project.groupId}</groupId><artifactId>store</artifactId>
        <version>${project.version}</version>
      </dependency>
    </dependencies>
  </dependencyManagement>
  <dependencies>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>2.0</version></dependency>
  </dependencies>
  <build>
    <pluginManagement><plugins><plugin>
      <artifactId>maven-shade-plugin</artifactId>
      <configuration><transformers><transformer>
        <mainClass>com.example.Main</mainClass>
      </transformer></transformers></configuration>
    </plugin></plugins></pluginManagement>
  </build>
</project>
"""
STORE = """
<project>
  <parent><groupId>com.example</groupId><artifactId>parent</artifactId><version>1.0</version></parent>
  <artifactId>store</artifactId>
  <dependencies>
    <dependency><groupId>org.rocksdb</groupId><artifactId>rocksdbjni</artifactId></dependency>
    <dependency><groupId>org.mockito</groupId><artifactId>mockito-core</artifactId></dependency>
    <dependency>
      <groupId>org.xerial.snappy</groupId><artifactId>snappy-java</artifactId><version>${snappy}</version>
    </dependency>
  </dependencies>
  <profiles>
    <profile>
      <id>usual</id><activation><activeByDefault>true</activeByDefault></activation>
      <properties><snappy>1.1</snappy></properties>
    </profile>
    <profile>
      <id>other</id>
      <dependencies>
        <dependency><groupId>x</groupId><artifactId>y</artifactId><version>1</version></dependency>
      </dependencies>
    </profile>
  </profiles>
</project>
"""
SERVER = """
<project>
  <parent>
    <groupId>com.example</groupId><artifactId>parent</artifactId><version>1.0</version>
    <relativePath>..</relativePath>
  </parent>
  <artifactId>server</artifactId>
  <dependencies>
    <dependency><groupId>com.example</groupId><artifactId>store</artifactId>%s</dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>maven-shade-plugin</artifactId></plugin></plugins></build>
</project>
"""
POMS = {"pom.xml": PARENT, "store/pom.xml": STORE, "server/pom.xml": SERVER % ""}


def test_management_and_properties_come_from_the_parent() -> None:
    store = settled(POMS)["store/pom.xml"]
    assert sorted(shown(store)) == [
        "org.mockito:mockito-core:5.1:test",
        "org.rocksdb:rocksdbjni:8.10.0:compile",
        "org.slf4j:slf4j-api:2.0:compile",
        "org.xerial.snappy:snappy-java:1.1:compile",
    ]
    assert (store.release, store.group, store.version, store.runnable) == (17, "com.example", "1.0", None)


def test_what_an_own_module_ships_is_shipped_with_the_way_it_comes() -> None:
    server = settled(POMS)["server/pom.xml"]
    rocksdb = the(server, "rocksdbjni")
    assert (rocksdb.through, rocksdb.place.path, rocksdb.version) == (
        ("store/pom.xml",),
        "store/pom.xml",
        "8.10.0",
    )
    assert "mockito-core" not in {one.name for one in server.dependencies}
    assert server.runnable


def test_an_exclusion_holds_for_what_comes_through() -> None:
    excluded = "<exclusions><exclusion><groupId>org.rocksdb</groupId></exclusion></exclusions>"
    server = settled({**POMS, "server/pom.xml": SERVER % excluded})["server/pom.xml"]
    assert {one.name for one in server.dependencies} == {"slf4j-api", "store", "snappy-java"}


def test_what_comes_by_two_modules_says_both() -> None:
    gateway = SERVER.replace("<artifactId>server", "<artifactId>gateway").replace(">store<", ">server<") % ""
    modules = settled({**POMS, "gateway/pom.xml": gateway})
    rocksdb = the(modules["gateway/pom.xml"], "rocksdbjni")
    assert rocksdb.through == ("server/pom.xml", "store/pom.xml")


def test_an_aggregator_is_no_program_and_another_parent_is_not_taken() -> None:
    modules = settled({**POMS, "store/pom.xml": STORE.replace("<artifactId>parent", "<artifactId>stranger")})
    assert modules["pom.xml"].runnable is None
    assert modules["pom.xml"].modules == ("store", "server")
    assert the(modules["store/pom.xml"], "rocksdbjni").version is None


def test_a_parent_of_itself_ends() -> None:
    text = "<project><parent><artifactId>a</artifactId><relativePath>pom.xml</relativePath></parent>"
    assert settled({"pom.xml": text + "<artifactId>a</artifactId></project>"})["pom.xml"].name == "a"


def test_properties_of_each_other_end() -> None:
    pom = """<project><artifactId>a</artifactId>
      <properties><x>${y}${y}</x><y>${x}</y></properties>
      <dependencies><dependency><groupId>g</groupId><artifactId>n</artifactId><version>${x}</version></dependency>
      </dependencies></project>"""
    assert the(settled({"pom.xml": pom})["pom.xml"], "n").version is None


def test_programs_of_maven() -> None:
    def runs(plugin: str, packaging: str = "jar") -> bool | None:
        head = f"<project><artifactId>a</artifactId><packaging>{packaging}</packaging>"
        text = f"{head}<build><plugins>{plugin}</plugins></build></project>"
        return settled({"pom.xml": text})["pom.xml"].runnable

    assert runs("<plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin>")
    assert runs("<plugin><artifactId>jib-maven-plugin</artifactId></plugin>")
    assert runs("", "war")
    main = "<configuration><archive><manifest><mainClass>a.B</mainClass></manifest></archive></configuration>"
    assert runs(f"<plugin><artifactId>maven-jar-plugin</artifactId>{main}</plugin>")
    assert runs("<plugin><artifactId>maven-jar-plugin</artifactId></plugin>") is None
    assert runs("<plugin><artifactId>maven-shade-plugin</artifactId></plugin>") is None
    skipped = "<configuration><skip>true</skip></configuration>"
    assert runs(f"<plugin><artifactId>spring-boot-maven-plugin</artifactId>{skipped}</plugin>") is None


def test_xml_that_is_no_project_is_no_module() -> None:
    assert maven.read(Source("pom.xml", b"<settings/>")) is None


# ---------------------------------------------------------------- Gradle

GROOVY = """
// implementation "commented:out:1"
plugins {
    id 'java'
    id 'application'
    id 'com.diffplug.spotless' version '6.0' apply false
}
def rocks = '8.10.0'
/* dependencies { implementation 'also:commented:1' } */
dependencies {
    implementation "org.rocksdb:rocksdbjni:$rocks"
    implementation 'org.apache.kafka:kafka-streams:3.7.0@jar', 'a:b:1'
    implementation group: 'c', name: 'd', version: "${unknown}"
    runtimeOnly("e:f:2") {
        exclude group: 'org.rocksdb', module: 'rocksdbjni'
    }
    testImplementation 'junit:junit:4.13'
    compileOnly 'g:h:3'
    implementation platform('bom:bom:1')
    constraints { implementation 'con:straint:1' }
    def text = "implementation 'in:a-text:1'"
    somethingElse 'not:known:1'
}
application { mainClass = 'com.example.Main' }
java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }
"""


def test_groovy() -> None:
    (module,) = settled({"app/build.gradle": GROOVY}).values()
    assert shown(module) == [
        "org.rocksdb:rocksdbjni:8.10.0:compile",
        "org.apache.kafka:kafka-streams:3.7.0:compile",
        "a:b:1:compile",
        "c:d:None:compile",
        "e:f:2:runtime",
        "junit:junit:4.13:test",
        "g:h:3:provided",
    ]
    assert module.plugins == {"java", "application"}
    assert (module.runnable, module.release, module.name) == (True, 21, "app")
    assert the(module, "f").excludes == ("org.rocksdb:rocksdbjni",)
    assert the(module, "b").excludes == ()
    place = the(module, "rocksdbjni").place
    assert GROOVY.encode()[place.start.offset : place.end.offset] == b"org.rocksdb:rocksdbjni:$rocks"


KOTLIN = """
plugins {
    `java-library`
    alias(libs.plugins.boot)
    alias(libs.plugins.docker) apply false
}

dependencies {
    implementation(libs.rocksdb.jni)
    implementation(libs.bundles.native)
    api(project(":store:api"))
    implementation(projects.kafka)
    testImplementation(libs.snappy)
    implementation("org.lz4:lz4-java:1.8.0") // why not
    implementation(group = "x", name = "y", version = "1")
}
"""
CATALOG = """
[versions]
rocksdb = "9.0.0"
[libraries]
rocksdb-jni = { module = "org.rocksdb:rocksdbjni", version.ref = "rocksdb" }
snappy = "org.xerial.snappy:snappy-java:1.1.10"
streams = { group = "org.apache.kafka", name = "kafka-streams", version = { strictly = "3.7.0" } }
[bundles]
native = ["snappy", "streams"]
[plugins]
boot = { id = "org.springframework.boot", version = "3.2.0" }
docker = "com.example.docker:1.0"
"""


def test_kotlin_with_a_catalog_and_projects() -> None:
    modules = settled(
        {
            "server/build.gradle.kts": KOTLIN,
            "gradle/libs.versions.toml": CATALOG,
            "store/api/build.gradle.kts": 'dependencies {\n  api("com.github.luben:zstd-jni:1")\n}\n',
            "kafka/build.gradle.kts": 'dependencies { api("com.microsoft.onnxruntime:onnxruntime:1") }',
        }
    )
    server = modules["server/build.gradle.kts"]
    assert set(shown(server)) == {
        "org.lz4:lz4-java:1.8.0:compile",
        "x:y:1:compile",
        "org.rocksdb:rocksdbjni:9.0.0:compile",
        "org.xerial.snappy:snappy-java:1.1.10:compile",
        "org.apache.kafka:kafka-streams:3.7.0:compile",
        "org.xerial.snappy:snappy-java:1.1.10:test",
        "com.github.luben:zstd-jni:1:compile",
        "com.microsoft.onnxruntime:onnxruntime:1:compile",
    }
    assert server.plugins == {"java-library", "org.springframework.boot"}
    assert server.runnable
    assert the(server, "zstd-jni").through == ("store/api/build.gradle.kts",)
    # The place is where it is said, not where its name is explained.
    assert the(server, "rocksdbjni").place.path == "server/build.gradle.kts"


def test_what_a_root_says_for_all_below() -> None:
    root = """
buildscript { dependencies { classpath 'not:this:1' } }
project(':other') { dependencies { implementation 'not:here:1' } }
allprojects { apply plugin: 'java' }
subprojects {
    apply plugin: 'application'
    dependencies { implementation 'org.rocksdb:rocksdbjni:8.1.1' }
}
"""
    modules = settled({"build.gradle": root, "app/build.gradle": "// nothing\n"})
    assert shown(modules["app/build.gradle"]) == ["org.rocksdb:rocksdbjni:8.1.1:compile"]
    assert modules["app/build.gradle"].plugins == {"java", "application"}
    assert modules["build.gradle"].dependencies == ()
    assert modules["build.gradle"].plugins == {"java"}
    assert modules["build.gradle"].runnable is None


def test_configurations() -> None:
    assert gradle.scope_of("integrationTestImplementation") == "test"
    assert gradle.scope_of("jmhImplementation") == "test"
    assert gradle.scope_of("jvmMainApi") == "compile"
    assert gradle.scope_of("mainRuntimeOnly") == "runtime"
    assert gradle.scope_of("annotationProcessor") is None


def test_half_a_script_is_read_as_far_as_it_goes() -> None:
    text = "plugins { id 'java' }\ndependencies {\n    implementation 'a:b:1'\n    implementation 'c:d"
    source = Source("build.gradle", text.encode())
    module = gradle.read(source)
    assert module is not None
    assert [one.key for one in module.dependencies] == ["a:b"]
    assert [one.text for one in source.damage] == ["this block is not closed"]


def test_no_bytes_end_a_run() -> None:
    for text in (b"", b"{", b"}" * 1000, b"\xff\xfe{", b"'''", b'"${', b"dependencies {" * 3000):
        assert gradle.read(Source("build.gradle", text)) is not None
